package io.millrace.it.faults;

import java.net.URI;
import java.time.Duration;

/** The proxy as a process: {@code PORT TARGET [SEED]}, with the latency of S3 Standard. */
public final class S3LatencyMain {

    private S3LatencyMain() {}

    /** Runs until the process is killed. */
    public static void main(String[] args) throws Exception {
        if (args.length < 2 || args.length > 3) {
            System.err.println("Usage: s3-latency PORT TARGET [SEED]");
            System.exit(2);
        }
        long seed = args.length == 3 ? Long.parseLong(args[2]) : 42;
        FaultProxy proxy =
                FaultProxy.start(
                        Integer.parseInt(args[0]),
                        URI.create(args[1]),
                        new FaultPlan(seed, Speed.S3_STANDARD));
        System.out.printf(
                "%s answers like S3 Standard for %s, seed %d%n", proxy.endpoint(), args[1], seed);
        while (true) {
            Pacer.sleep(Duration.ofDays(1));
        }
    }
}
