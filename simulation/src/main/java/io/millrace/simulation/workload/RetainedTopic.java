package io.millrace.simulation.workload;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The settings of a topic with short or little retention. */
final class RetainedTopic {

    private RetainedTopic() {}

    /** Returns a limit of time, of size, or both. Batches keep their size. */
    static Map<String, String> settings(SplittableRandom random) {
        Map<String, String> chosen = new TreeMap<>();
        chosen.put("compression.type", "none");
        chosen.put("segment.compression", "off");
        int limits = 1 + random.nextInt(3);
        chosen.put(
                "retention.ms",
                (limits & 1) == 0 ? "-1" : Integer.toString(1000 << random.nextInt(5)));
        if ((limits & 2) != 0) {
            chosen.put("retention.bytes", Integer.toString(500 << random.nextInt(5)));
        }
        if (random.nextInt(3) == 0) {
            chosen.put("message.timestamp.type", "LogAppendTime");
        }
        return chosen;
    }
}
