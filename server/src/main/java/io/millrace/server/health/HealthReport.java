package io.millrace.server.health;

import io.millrace.server.health.HealthFacts.Phase;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A decision about the health of a node.
 *
 * <p>The limits for etcd and the bucket are long, because all nodes share them: a short outage must
 * not take every node out of the Services, when no node serves better. An outage ends at the first
 * success. A live node with an outage is never restarted, which would lose its caches and end no
 * outage.
 *
 * @param reasons the cause, effect and action of each problem, by component; empty if all is well
 */
public record HealthReport(Map<String, String> reasons) {

    /** Well above the longest task of a healthy event loop. */
    static final Duration MAX_LOOP_SILENCE = Duration.ofSeconds(3);

    /** Beyond any pause of a process that recovers by itself. */
    static final Duration MAX_LOOP_SILENCE_OF_A_LIVE_NODE = Duration.ofSeconds(30);

    /** Longer than elections, defragmentation and a rolling update of etcd, or throttling by S3. */
    static final Duration MAX_OUTAGE = Duration.ofSeconds(60);

    public HealthReport {
        reasons = Collections.unmodifiableMap(new LinkedHashMap<>(reasons));
    }

    public boolean isUp() {
        return reasons.isEmpty();
    }

    /** Decides whether the start is complete. */
    public static HealthReport started(HealthFacts facts) {
        Reasons reasons = new Reasons();
        reasons.addIf(
                facts.phase() == Phase.STARTING,
                "state",
                "The node is starting: it reads the metadata and serves no requests yet.");
        return reasons.report();
    }

    /** Decides whether the process can go on; if not, only a new process can serve. */
    public static HealthReport live(HealthFacts facts) {
        Reasons reasons = new Reasons();
        reasons.addIf(
                facts.phase() == Phase.SERVING
                        && exceeds(facts.loopSilence(), MAX_LOOP_SILENCE_OF_A_LIVE_NODE),
                "event-loop",
                stuck(facts));
        return reasons.report();
    }

    /** Decides whether new clients should connect to the node. */
    public static HealthReport ready(HealthFacts facts) {
        Reasons reasons = new Reasons();
        switch (facts.phase()) {
            case STARTING -> reasons.addAll(started(facts));
            case STOPPING ->
                    reasons.add("state", "The node is stopping: clients continue at other nodes.");
            case SERVING -> addProblems(facts, reasons);
        }
        return reasons.report();
    }

    private static void addProblems(HealthFacts facts, Reasons reasons) {
        reasons.addIf(exceeds(facts.loopSilence(), MAX_LOOP_SILENCE), "event-loop", stuck(facts));
        reasons.addIf(
                exceeds(facts.metadataAge(), MAX_OUTAGE),
                "metadata",
                "etcd has sent nothing for %d s, so that the metadata is out of date and nothing can be stored: check etcd and the network to it (millrace.etcd)."
                        .formatted(facts.metadataAge().toSeconds()));
        reasons.addIf(
                exceeds(facts.writeOutage(), MAX_OUTAGE),
                "bucket-writes",
                "Writes to the bucket have failed for %d s, so that nothing can be stored: check the bucket, the credentials and the network to it (millrace.bucket)."
                        .formatted(facts.writeOutage().toSeconds()));
        reasons.addIf(
                exceeds(facts.readOutage(), MAX_OUTAGE),
                "bucket-reads",
                "Reads from the bucket have failed for %d s, so that only cached records are served: check the bucket, the credentials and the network to it (millrace.bucket)."
                        .formatted(facts.readOutage().toSeconds()));
        facts.dispute().ifPresent(why -> reasons.add("dispute", why));
    }

    private static boolean exceeds(Duration time, Duration limit) {
        return time.compareTo(limit) > 0;
    }

    private static String stuck(HealthFacts facts) {
        return "An event loop has run no task for %d s, so that requests wait: if this persists, report a thread dump (jcmd PID Thread.print) and restart the node."
                .formatted(facts.loopSilence().toSeconds());
    }

    /** Collects reasons in the order of their additions. */
    private static final class Reasons {

        private final Map<String, String> found = new LinkedHashMap<>();

        void add(String component, String sentence) {
            found.put(component, sentence);
        }

        void addIf(boolean present, String component, String sentence) {
            if (present) {
                add(component, sentence);
            }
        }

        void addAll(HealthReport other) {
            found.putAll(other.reasons());
        }

        HealthReport report() {
            return new HealthReport(found);
        }
    }
}
