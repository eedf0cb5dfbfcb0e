package io.millrace.it.load;

import java.util.Arrays;
import java.util.List;

/** The command {@code benchmarks/kafka} runs: {@code CASE HOST:PORT PID [NUMBER]...}. */
public final class KafkaLoadMain {

    private KafkaLoadMain() {}

    /** Runs one case and prints its results. */
    public static void main(String[] args) throws Exception {
        if (args.length < 3) {
            System.err.println("Usage: CASE HOST:PORT PID [NUMBER]...");
            System.exit(2);
        }
        String address = args[1];
        ServerProcess server = new ServerProcess(Long.parseLong(args[2]));
        List<Integer> numbers = Arrays.stream(args).skip(3).map(Integer::valueOf).toList();
        switch (args[0]) {
            case "groups" ->
                    new HeartbeatLoad(address, server, numbers.get(0), numbers.get(1))
                            .run(numbers.get(2));
            case "connections" ->
                    new ConnectionLoad(address, server, numbers.get(0), numbers.get(1))
                            .run(numbers.get(2));
            case "sparse" ->
                    new SparseReadLoad(address, server, numbers.get(0), numbers.get(1))
                            .run(numbers.get(2), numbers.get(3));
            default -> {
                System.err.println("Unknown case " + args[0]);
                System.exit(2);
            }
        }
        // Threads of the load may still wait for answers.
        System.exit(0);
    }
}
