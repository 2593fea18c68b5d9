<?php
// InboundFlow's webhook in plain PHP: the raw body is verified, and a file for each delivery tells duplicates.
// MISTAKE=null refuses what json_decode cannot read, though it is signed: half of an emoji is enough.

function refuse(int $status, string $why): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    exit(json_encode(['error' => $why]));
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    refuse(405, 'post here');
}

$body = file_get_contents('php://input');
$timestamp = $_SERVER['HTTP_X_INBOUNDFLOW_TIMESTAMP'] ?? '';
$signature = $_SERVER['HTTP_X_INBOUNDFLOW_SIGNATURE'] ?? '';
$expected = 'sha256=' . hash_hmac('sha256', "$timestamp.$body", getenv('WEBHOOK_SECRET'));

if (!hash_equals($expected, $signature)) {
    refuse(401, 'invalid signature');
}
if (!preg_match('/^\d{1,12}$/D', $timestamp) || abs(time() - (int) $timestamp) > 300) {
    refuse(401, 'too old');
}

$event = json_decode($body, true);
if ($event === null && getenv('MISTAKE') === 'null') {
    refuse(400, 'not JSON');
}
$event = is_array($event) ? $event : [];

$key = is_string($event['delivery_id'] ?? null) ? $event['delivery_id'] : $body;
$mark = @fopen(getenv('SEEN_FOLDER') . '/' . hash('sha256', $key), 'x'); // fails where it is there already
if ($mark) {
    error_log('a new delivery');
}

header('Content-Type: application/json');
echo json_encode(['received' => true]);
