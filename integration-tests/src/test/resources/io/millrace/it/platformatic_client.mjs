// Administers, produces and consumes with @platformatic/kafka. Argument: HOST:PORT of a server.
import { Admin, Consumer, MessagesStreamModes, ProduceAcks, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';

const TOPIC = 'platformatic';
const options = { clientId: 'platformatic', bootstrapBrokers: [process.argv[2]] };

const admin = new Admin(options);
await admin.createTopics({ topics: [TOPIC], partitions: 3, replicas: 1 });
console.log('created');

const producer = new Producer({ ...options, serializers: stringSerializers, idempotent: true });
for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
  const messages = Array.from({ length: 100 }, (_, i) => ({ topic: TOPIC, key: `${i}`, value: `${compression} ${i}`, headers: { h: 'x' } }));
  await producer.send({ acks: ProduceAcks.ALL, compression, messages });
}
await producer.close();
console.log('produced 500');

for (const groupProtocol of ['classic', 'consumer']) {
  const consumer = new Consumer({ ...options, groupId: groupProtocol, groupProtocol, deserializers: stringDeserializers });
  const stream = await consumer.consume({ topics: [TOPIC], mode: MessagesStreamModes.EARLIEST, autocommit: false });
  const values = new Set();
  const last = new Map();
  for await (const message of stream) {
    values.add(message.value);
    last.set(message.partition, message);
    if (values.size === 500) break;
  }
  console.log('consumed', values.size);
  await consumer.close(true);
}
await admin.close();
