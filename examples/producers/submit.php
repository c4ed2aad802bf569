<?php // composer require php-amqplib/php-amqplib
require 'vendor/autoload.php';
use PhpAmqpLib\{Connection\AMQPStreamConnection, Message\AMQPMessage};

$url = parse_url(getenv('AMQP_URL') ?: 'amqp://guest:guest@127.0.0.1:5672');
$vhost = urldecode(substr($url['path'] ?? '/%2f', 1)) ?: '/';
$channel = (new AMQPStreamConnection($url['host'], $url['port'] ?? 5672, $url['user'] ?? 'guest', $url['pass'] ?? 'guest', $vhost))->channel();
$channel->set_nack_handler(fn () => throw new Exception('not accepted'));
$channel->confirm_select();
$channel->basic_publish(new AMQPMessage(json_encode(['value' => 'from php']),
  ['message_id' => uniqid('', true), 'content_type' => 'application/json', 'delivery_mode' => 2]), 'longhaul.submit', 'debug.echo');
$channel->wait_for_pending_acks(10);
