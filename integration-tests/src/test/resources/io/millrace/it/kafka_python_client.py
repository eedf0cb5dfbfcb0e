"""Administers, produces and consumes with kafka-python. Argument: HOST:PORT of a server."""

import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

SERVER = sys.argv[1]
TOPIC = "kafka-python"

admin = KafkaAdminClient(bootstrap_servers=SERVER)
admin.create_topics([NewTopic(TOPIC, 3, 1)])
print("created")

for codec in ["none", "gzip"]:
    producer = KafkaProducer(
        bootstrap_servers=SERVER, acks="all", compression_type=None if codec == "none" else codec
    )
    sent = [
        producer.send(TOPIC, key=b"%d" % i, value=b"%s %d" % (codec.encode(), i), headers=[("h", b"x")])
        for i in range(100)
    ]
    acknowledged = {(each.get(30).partition, each.get(30).offset) for each in sent}
    assert len(acknowledged) == 100, acknowledged
    producer.close()
print("produced 200")

consumer = KafkaConsumer(
    TOPIC,
    bootstrap_servers=SERVER,
    group_id="kafka-python",
    auto_offset_reset="earliest",
    enable_auto_commit=False,
    consumer_timeout_ms=60000,
)
values = set()
for record in consumer:
    assert record.headers == [("h", b"x")], record
    values.add(record.value)
    if len(values) == 200:
        break
consumer.commit()
consumer.close()
print("consumed", len(values))

offsets = admin.list_consumer_group_offsets("kafka-python")
print("committed", sum(each.offset for each in offsets.values()))
