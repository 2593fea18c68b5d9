# InboundFlow's webhook in Sinatra. MISTAKE=nil compares a header that may not be there.
require "json"
require "openssl"
require "set"
require "sinatra"

set :port, ENV.fetch("PORT").to_i
set :bind, "127.0.0.1"
set :environment, :production
set :show_exceptions, false
SEEN = Set.new # in earnest: a table with a unique column
LOCK = Mutex.new
LARGEST = 1024 * 1024

def genuine?(timestamp, signature, body)
  return false unless timestamp.match?(/\A\d{1,12}\z/) && (Time.now.to_i - timestamp.to_i).abs <= 300
  mac = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("WEBHOOK_SECRET"), "#{timestamp}.".b + body)
  Rack::Utils.secure_compare("sha256=#{mac}", signature)
end

post "/webhook" do
  content_type :json
  body = request.body.read(LARGEST + 1) || ""
  halt 413, { error: "too large" }.to_json if body.bytesize > LARGEST
  timestamp = request.env["HTTP_X_INBOUNDFLOW_TIMESTAMP"].to_s
  signature = request.env["HTTP_X_INBOUNDFLOW_SIGNATURE"]
  signature = signature.to_s unless ENV["MISTAKE"] == "nil"
  halt 401, { error: "invalid signature" }.to_json unless genuine?(timestamp, signature, body.b)
  event = begin
    JSON.parse(body.dup.force_encoding("UTF-8"))
  rescue JSON::ParserError, EncodingError, ArgumentError
    nil # signed, and no JSON: kept as it is
  end
  key = event.is_a?(Hash) ? event["delivery_id"] : nil
  LOCK.synchronize { SEEN.add(key || OpenSSL::Digest.hexdigest("SHA256", body)) }
  { received: true }.to_json
end
