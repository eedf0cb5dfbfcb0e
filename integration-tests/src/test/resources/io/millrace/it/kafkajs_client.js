// Administers, produces and consumes with kafkajs. Argument: HOST:PORT of a server.
const { CompressionTypes, Kafka, logLevel } = require('kafkajs');

const TOPIC = 'kafkajs';
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [process.argv[2]], logLevel: logLevel.ERROR });

async function main() {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 3 }] });
  console.log('created');

  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    const messages = Array.from({ length: 100 }, (_, i) => ({ key: `${i}`, value: `${compression} ${i}`, headers: { h: 'x' } }));
    await producer.send({ topic: TOPIC, compression, messages });
  }
  await producer.disconnect();
  console.log('produced 200');

  const consumer = kafka.consumer({ groupId: 'kafkajs' });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  const values = new Set();
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, (event) => reject(event.payload.error));
    const eachMessage = async ({ message }) => {
      values.add(message.value.toString());
      if (values.size === 200) resolve();
    };
    consumer.run({ eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  console.log('consumed', values.size);

  const [{ partitions }] = await admin.fetchOffsets({ groupId: 'kafkajs', topics: [TOPIC] });
  console.log('committed', partitions.reduce((sum, each) => sum + Number(each.offset), 0));
  await admin.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
