package io.millrace.it;

import io.millrace.runtime.SystemAccess;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import sun.misc.Signal;

/**
 * A program that runs a {@link KafkaLoad} until SIGTERM and then prints what its checker found, in
 * the form of {@code millrace verify}. Pauses of the producers are lines on standard error.
 */
@SystemAccess("is a process of its own")
final class KafkaLoadMain {

    private static final int PARTITIONS = 6;
    private static final int CHECK_EVERY_MILLIS = 20;
    private static final long PAUSE_MILLIS = 100;

    private KafkaLoadMain() {}

    /**
     * Runs the load.
     *
     * @param arguments the addresses of the nodes for Kafka clients, separated by commas
     */
    public static void main(String... arguments) throws Exception {
        CountDownLatch stop = new CountDownLatch(1);
        Signal.handle(new Signal("TERM"), received -> stop.countDown());
        Map<String, Object> client = new HashMap<>();
        client.put("bootstrap.servers", arguments[0]);
        client.put("reconnect.backoff.max.ms", "500");
        try (Admin admin = Admin.create(client)) {
            List<NewTopic> topics =
                    KafkaLoad.TOPICS.stream()
                            .map(topic -> new NewTopic(topic, PARTITIONS, (short) 1))
                            .toList();
            admin.createTopics(topics).all().get();
        }
        boolean verified;
        try (KafkaLoad load = new KafkaLoad(() -> client, PARTITIONS)) {
            load.startAll();
            watch(load, stop);
            verified = isVerified(load);
            long all = load.acknowledged().values().stream().mapToLong(Long::longValue).sum();
            System.out.printf(
                    "{\"verified\":%b,\"acknowledged\":%d,\"violation\":%s}%n",
                    verified, all, verified ? "null" : "{\"kind\":\"checker\"}");
        }
        System.exit(verified ? 0 : 1);
    }

    private static boolean isVerified(KafkaLoad load) {
        try {
            load.finish();
            return true;
        } catch (Exception | AssertionError failure) {
            System.err.println(failure);
            return false;
        }
    }

    /** Reports the pauses between acknowledgements until the load is stopped. */
    private static void watch(KafkaLoad load, CountDownLatch stop) throws InterruptedException {
        List<String> topics = List.copyOf(load.acknowledged().keySet());
        Map<String, Long> counts = new HashMap<>();
        Map<String, Long> sinceMs = new LinkedHashMap<>();
        while (!stop.await(CHECK_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
            long nowMs = System.currentTimeMillis();
            load.acknowledged()
                    .forEach((topic, count) -> {
                        if (!count.equals(counts.put(topic, count))) {
                            long pausedMs = nowMs - sinceMs.getOrDefault(topic, nowMs);
                            sinceMs.put(topic, nowMs);
                            if (pausedMs >= PAUSE_MILLIS) {
                                System.err.printf(
                                        "{\"pause\":{\"producer\":%d,\"ms\":%d,\"endMs\":%d}}%n",
                                        topics.indexOf(topic), pausedMs, nowMs);
                            }
                        }
                    });
        }
    }
}
