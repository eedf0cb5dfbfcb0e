package io.millrace.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs the tools of Kafka's distribution against a server. */
final class KafkaTool {

    /** The package of most tools. */
    static final String TOOLS = "org.apache.kafka.tools.";

    static final String GROUPS = TOOLS + "consumer.group.ConsumerGroupCommand";
    static final String CONFIGS = "kafka.admin.ConfigCommand";

    private KafkaTool() {}

    /**
     * Runs a tool, which must succeed.
     *
     * @param main the main class
     */
    static ExternalProgram.Result run(MillraceProcess server, String main, String... arguments) {
        return runWith(server.kafkaAddress(), "", main, arguments);
    }

    /**
     * Runs a tool, which must succeed.
     *
     * @param address HOST:PORT of a server
     * @param in the standard input
     * @param main the main class
     */
    static ExternalProgram.Result runWith(
            String address, String in, String main, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--bootstrap-server", address));
        all.addAll(List.of(arguments));
        return runAsGiven(in, main, all);
    }

    /**
     * Runs a tool that takes the address after a command, which must succeed.
     *
     * @param main the main class
     */
    static ExternalProgram.Result runCommand(MillraceProcess server, String main, String command) {
        return runAsGiven("", main, List.of(command, "--bootstrap-server", server.kafkaAddress()));
    }

    private static ExternalProgram.Result runAsGiven(
            String in, String main, List<String> arguments) {
        ExternalProgram.Result result =
                ExternalProgram.run(
                        ExternalProgram.java(
                                "tools", List.of(), main, arguments.toArray(String[]::new)),
                        Map.of(),
                        in);
        result.ok();
        return result;
    }
}
