package io.millrace.it.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.runtime.SystemAccess;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The flags with which {@code ./millrace} and the container image start a server. */
@SystemAccess("runs a shell")
record ServerFlags(String text) {

    /** Evaluates the flags with environment variables; fails with the message of the script. */
    static ServerFlags of(Map<String, String> environment) throws Exception {
        ProcessBuilder shell =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                ". .mvn/java-flags.sh; java_flags node /app; echo $flags")
                        .directory(Manifests.root().toFile())
                        .redirectErrorStream(true);
        shell.environment().remove("MILLRACE_MEMORY_LIMIT");
        shell.environment().remove("MILLRACE_CPUS");
        shell.environment().putAll(environment);
        Process process = shell.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IllegalArgumentException(output);
        }
        return new ServerFlags(output);
    }

    long heapMib() {
        return mib("-Xmx");
    }

    long directMib() {
        return mib("-XX:MaxDirectMemorySize=");
    }

    /** Returns the sum of all memory that the flags limit. */
    long totalBytes() {
        return heapMib()
                        + directMib()
                        + mib("-XX:MaxMetaspaceSize=")
                        + mib("-XX:ReservedCodeCacheSize=")
                << 20;
    }

    private long mib(String flag) {
        Matcher matcher = Pattern.compile(Pattern.quote(flag) + "([0-9]+)m").matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + flag + " in " + text);
        }
        return Long.parseLong(matcher.group(1));
    }
}
