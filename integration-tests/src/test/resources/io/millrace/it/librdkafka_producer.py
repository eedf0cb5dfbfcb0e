"""Sends numbers to each partition until standard input ends. Arguments: SERVERS TOPIC PARTITIONS IDEMPOTENT.

The outcome of each record is a line: "stored PARTITION NUMBER OFFSET", with offset -1 if the server
does not know it any more, or "failed PARTITION NUMBER ERROR".
"""

import select
import sys

from confluent_kafka import Producer

PAUSE_SECONDS = 0.002


def on_delivery(error, message):
    place = "%d %s" % (message.partition(), message.value().decode())
    if error is not None:
        print("failed", place, error)
        return
    offset = message.offset()
    print("stored", place, -1 if offset is None or offset < 0 else offset)


def main(servers, topic, partitions, idempotent):
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "enable.idempotence": idempotent,
            "linger.ms": 5,
            "reconnect.backoff.max.ms": 500,
        }
    )
    number = 0
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        try:
            producer.produce(
                topic,
                partition=number % partitions,
                key="k",
                value=str(number // partitions),
                on_delivery=on_delivery,
            )
            number += 1
        except BufferError:
            pass  # The queue is full: the same number again.
        if producer.poll(0):
            sys.stdout.flush()
    while producer.flush(1):
        sys.stdout.flush()
    sys.stdout.flush()


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
