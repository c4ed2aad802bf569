# gem install bunny
require "bunny"
require "json"
require "securerandom"

channel = Bunny.new(ENV.fetch("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672")).start.create_channel
channel.confirm_select
channel.topic("longhaul.submit", durable: true).publish({ value: "from ruby" }.to_json,
  routing_key: "debug.echo", message_id: SecureRandom.uuid, content_type: "application/json", persistent: true)
channel.wait_for_confirms or abort "not accepted"
