"""Reads a topic as a member of a group until standard input ends. Arguments: SERVERS GROUP TOPIC.

Each record is a line "read PARTITION OFFSET VALUE", each partition that is revoked or lost is a line
"dropped PARTITION", and other failures are lines "failed ERROR". Before each commit the program
prints "batch" and waits for a line on standard input.
"""

import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

LONGEST_BATCH = 200

position = {}


def is_processed():
    """Returns whether all printed records are processed; otherwise the program has to end."""
    print("batch", flush=True)
    return sys.stdin.readline() != ""


def commit(consumer, topic):
    """Commits what is processed. Returns whether the program continues."""
    if not is_processed():
        return False
    offsets = [TopicPartition(topic, partition, offset) for partition, offset in position.items()]
    if offsets:
        try:
            consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException:
            pass  # The next commit has these offsets too, unless the partition is lost.
    return True


def drop(partitions):
    for each in partitions:
        position.pop(each.partition, None)
        print("dropped", each.partition)


def read(consumer):
    message = consumer.poll(0.2)
    count = 0
    while message is not None:
        if message.error() is not None:
            print("failed", message.error())
        else:
            position[message.partition()] = message.offset() + 1
            print("read", message.partition(), message.offset(), message.value().decode())
        count += 1
        message = consumer.poll(0) if count < LONGEST_BATCH else None


def main(servers, group, topic):
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 10000,
            "reconnect.backoff.max.ms": 500,
        }
    )

    def on_revoke(_, partitions):
        commit(consumer, topic)
        drop(partitions)

    def on_lost(_, partitions):
        drop(partitions)

    consumer.subscribe([topic], on_revoke=on_revoke, on_lost=on_lost)
    while True:
        read(consumer)
        if not commit(consumer, topic):
            break
    consumer.close()


main(*sys.argv[1:])
