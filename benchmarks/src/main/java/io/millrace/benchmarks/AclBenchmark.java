package io.millrace.benchmarks;

import io.millrace.metadata.acl.Acls;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Measures decisions from the index of ACLs on one core. One principal has all ACLs: half of them
 * for a topic each, half for a prefix each, and one that denies a prefix.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
public class AclBenchmark {

    private static final String PRINCIPAL = "User:shop";
    private static final int NAMES = 1024;

    @Param({"2", "100000"})
    int acls;

    private Acls all = Acls.NONE;
    private String[] allowed = {};
    private String[] prefixed = {};
    private String[] unknown = {};
    private int next;

    @Setup(Level.Trial)
    public void setUp() {
        all =
                Acls.NONE.with(
                        Acl.deny(
                                PRINCIPAL,
                                Operation.WRITE,
                                ResourcePattern.prefixed(ResourceType.TOPIC, "internal-")));
        for (int i = 0; i < acls / 2; i++) {
            all = all.with(write(ResourcePattern.literal(ResourceType.TOPIC, topic(i))));
            all = all.with(write(ResourcePattern.prefixed(ResourceType.TOPIC, prefix(i))));
        }
        allowed = new String[NAMES];
        prefixed = new String[NAMES];
        unknown = new String[NAMES];
        for (int i = 0; i < NAMES; i++) {
            int chosen = (int) ((long) i * 7919 % (acls / 2));
            allowed[i] = topic(chosen);
            prefixed[i] = prefix(chosen) + "orders";
            unknown[i] = "unknown-" + chosen;
        }
    }

    private static Acl write(ResourcePattern resource) {
        return Acl.allow(PRINCIPAL, Operation.WRITE, resource);
    }

    private static String topic(int number) {
        return "shop-orders-%06d".formatted(number);
    }

    private static String prefix(int number) {
        return "tenant-%06d-".formatted(number);
    }

    private boolean allows(String[] names) {
        next = (next + 1) % NAMES;
        return all.index()
                .allows(PRINCIPAL, "10.0.0.1", Operation.WRITE, ResourceType.TOPIC, names[next]);
    }

    @Benchmark
    public boolean literal() {
        return allows(allowed);
    }

    @Benchmark
    public boolean prefix() {
        return allows(prefixed);
    }

    @Benchmark
    public boolean unknown() {
        return allows(unknown);
    }
}
