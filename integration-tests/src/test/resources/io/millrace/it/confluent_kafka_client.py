"""Administers, produces and consumes with confluent-kafka. Argument: HOST:PORT of a server."""

import sys

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

SERVER = {"bootstrap.servers": sys.argv[1]}
TOPIC = "python"
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def create():
    admin = AdminClient(SERVER)
    admin.create_topics([NewTopic(TOPIC, 3, 1)])[TOPIC].result(30)
    print("created")


def produce():
    acknowledged = []

    def on_delivery(error, message):
        if error is not None:
            raise SystemExit(str(error))
        acknowledged.append((message.partition(), message.offset()))

    for number, codec in enumerate(CODECS):
        producer = Producer({**SERVER, "enable.idempotence": True, "compression.type": codec})
        for i in range(100):
            value = str(number * 100 + i)
            producer.produce(
                TOPIC, value=value, key="k" + value, headers={"codec": codec}, on_delivery=on_delivery
            )
        producer.flush(30)
    print("produced", len(set(acknowledged)))


def consumer():
    opened = Consumer(
        {**SERVER, "group.id": "python", "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    opened.subscribe([TOPIC])
    return opened


def consume():
    reader = consumer()
    values = set()
    while len(values) < 500:
        message = reader.poll(30)
        if message is None or message.error():
            raise SystemExit("after %d records: %s" % (len(values), message and message.error()))
        number = int(message.value())
        assert message.headers() == [("codec", CODECS[number // 100].encode())], message.headers()
        values.add(number)
    reader.commit(asynchronous=False)
    print("consumed", len(values))
    committed = reader.committed(reader.assignment(), 30)
    print("committed", sum(each.offset for each in committed))
    reader.close()


create()
produce()
consume()
