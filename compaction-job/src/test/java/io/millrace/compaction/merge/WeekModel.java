package io.millrace.compaction.merge;

import io.millrace.compaction.input.MergeSettings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Simulation of nine days of production, merges, retention and deletion in virtual time, with
 * object sizes instead of bytes. Prints written bytes, stored bytes, requests and costs for several
 * rates and topics. Deterministic.
 */
public final class WeekModel {

    private static final double GIB = 1L << 30;
    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final long WEEK_MS = 7 * DAY_MS;

    /** A week until retention starts to delete, and two days in equilibrium. */
    private static final long MODELLED_MS = 9 * DAY_MS;

    /** Start of the measurement: before, temporary objects dominate. */
    private static final long BEGIN_MS = DAY_MS;

    private static final long CHECK_MS = 5_000;
    private static final long RETENTION_MS = 60_000;
    private static final long ORPHANS_MS = 3_600_000;

    private static final double DOLLARS_A_PUT = 0.005 / 1_000;
    private static final double DOLLARS_A_GET = 0.0004 / 1_000;
    private static final double DOLLARS_A_GIB_MONTH = 0.0247;
    private static final double MONTH_MS = 30.0 * DAY_MS;

    private static final int PARTITIONS = 1_000;
    private static final int BATCH_BYTES = 16 << 10;

    /** A quarter of a heap of 400 MiB. */
    private static final long HOT_BYTES = 100L << 20;

    private static final long MERGE_BYTES = 48L << 20;

    /**
     * Rate of production.
     *
     * @param blockMs interval of blocks
     */
    private record Rate(String name, double bytesPerMs, long blockMs) {}

    private WeekModel() {}

    /** Runs the simulation; the first argument selects rates by a prefix of their names. */
    public static void main(String[] args) {
        List<Rate> all =
                List.of(
                        new Rate("100 MB/s economy", 100_000, 335),
                        new Rate("100 MB/s balanced", 100_000, 84),
                        new Rate("10 MB/s balanced", 10_000, 100),
                        // The upload of the previous block takes 100 ms.
                        new Rate("0.1 MB/s balanced", 100, 100),
                        new Rate("0.1 MB/s economy", 100, 500));
        List<Rate> rates =
                all.stream()
                        .filter(rate -> args.length == 0 || rate.name().startsWith(args[0]))
                        .toList();
        System.out.printf(
                "%-18s %-24s %7s %7s %7s %7s %7s %7s %7s %7s %9s %9s %9s %8s %10s%n",
                "rate",
                "topics",
                "written",
                "blocks",
                "once",
                "again",
                "sparse",
                "worst",
                "week",
                "end",
                "PUT/GiB",
                "GET/GiB",
                "LIST/GiB",
                "objects",
                "$ a month");
        for (Rate rate : rates) {
            run(rate, "a week", topics(rate, false, false));
            run(rate, "a day and a week", topics(rate, true, false));
            run(rate, "a week, a tenth trimmed", topics(rate, false, true));
        }
    }

    private static Map<Long, WeekTopic> topics(Rate rate, boolean mixed, boolean trimmed) {
        double each = rate.bytesPerMs() / PARTITIONS;
        Map<Long, WeekTopic> topics = new LinkedHashMap<>();
        if (mixed) {
            add(topics, PARTITIONS / 2, each, DAY_MS, 0);
            add(topics, PARTITIONS / 2, each, WEEK_MS, 0);
        } else if (trimmed) {
            add(topics, PARTITIONS / 10, each, WEEK_MS, DAY_MS);
            add(topics, PARTITIONS - PARTITIONS / 10, each, WEEK_MS, 0);
        } else {
            add(topics, PARTITIONS, each, WEEK_MS, 0);
        }
        return topics;
    }

    private static void add(
            Map<Long, WeekTopic> to,
            int partitions,
            double bytesPerMs,
            long retentionMs,
            long trimEveryMs) {
        long id = to.size() + 1;
        to.put(
                id,
                new WeekTopic(id, partitions, bytesPerMs, BATCH_BYTES, retentionMs, trimEveryMs));
    }

    private static void run(Rate rate, String what, Map<Long, WeekTopic> topics) {
        MergeSettings settings =
                MergeSettings.of(
                        64L << 20,
                        Duration.ofMinutes(10),
                        256,
                        1L << 30,
                        MERGE_BYTES,
                        0,
                        Duration.ofMillis(CHECK_MS));
        ModelBucket bucket = new ModelBucket(settings, topics, HOT_BYTES);
        double worst = 0;
        double worstOfWeek = 0;
        double amplification = 0;
        long lists = 0;
        long block = 0;
        for (long now = CHECK_MS; now <= MODELLED_MS; now += CHECK_MS) {
            for (; block + rate.blockMs() <= now; block += rate.blockMs()) {
                bucket.produce(block, block + rate.blockMs());
            }
            bucket.merge(now);
            if (now % RETENTION_MS == 0) {
                bucket.retain(now);
                bucket.sweep(now);
                // An archive of the log; every tenth time also a checkpoint.
                bucket.puts += now % (10 * RETENTION_MS) == 0 ? 2 : 1;
                long at = now;
                double kept = topics.values().stream().mapToDouble(t -> t.keptBytes(at)).sum();
                amplification = bucket.storedBytes / kept;
                worstOfWeek = now < WEEK_MS ? 0 : Math.max(worstOfWeek, amplification);
                worst = now < BEGIN_MS ? 0 : Math.max(worst, amplification);
            }
            if (now % ORPHANS_MS == 0) {
                lists += Math.ceilDiv(bucket.objects(), 1_000);
            }
        }
        double gib = bucket.producedBytes / GIB;
        double requests = (bucket.puts + lists) * DOLLARS_A_PUT + bucket.gets * DOLLARS_A_GET;
        double month =
                requests * MONTH_MS / MODELLED_MS + bucket.storedBytes / GIB * DOLLARS_A_GIB_MONTH;
        System.out.printf(
                Locale.ROOT,
                "%-18s %-24s %7.4f %7.4f %7.4f %7.4f %7.4f %7.2f %7.2f %7.2f %9.1f %9.1f %9.2f %8d %10.2f%n",
                rate.name(),
                what,
                bucket.writtenBytes() / bucket.producedBytes,
                (double) bucket.blockBytes / bucket.producedBytes,
                bucket.onceBytes / bucket.producedBytes,
                bucket.againBytes / bucket.producedBytes,
                bucket.rewrittenBytes / bucket.producedBytes,
                worst,
                worstOfWeek,
                amplification,
                bucket.puts / gib,
                bucket.gets / gib,
                lists / gib,
                bucket.objects(),
                month);
    }
}
