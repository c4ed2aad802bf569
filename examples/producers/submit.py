# pip install pika
import json, os, uuid
import pika

url = os.environ.get("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/%2f")
channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
channel.confirm_delivery()
channel.basic_publish("longhaul.submit", "debug.echo", json.dumps({"value": "from python"}),
    pika.BasicProperties(message_id=str(uuid.uuid4()), content_type="application/json", delivery_mode=2))
