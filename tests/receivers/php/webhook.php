<?php
// InboundFlow's webhook in plain PHP: the raw body is verified, and a file for each delivery tells duplicates.

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
if (abs(time() - (int) $timestamp) > 300) {
    refuse(401, 'too old');
}

$event = json_decode($body, true);
if ($event === null) {
    refuse(400, 'not JSON');
}

$mark = getenv('SEEN_FOLDER') . '/' . md5($event['delivery_id'] ?? '');
if (!file_exists($mark)) {
    touch($mark);
    error_log($event['event'] . ': ' . ($event['data']['caller_name'] ?? 'someone') . ' called');
}

header('Content-Type: application/json');
echo json_encode(['received' => true]);
