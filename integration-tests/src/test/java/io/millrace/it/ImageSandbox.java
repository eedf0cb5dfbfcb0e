package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.metadata.etcd.DebianPackage;
import io.millrace.runtime.SystemAccess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of the container image, run as in a container: at its path, as another user, with a
 * read-only file system and an empty environment. Uses bubblewrap: that of the system if installed,
 * else that of Debian's package.
 */
@SystemAccess("runs other programs")
final class ImageSandbox {

    private static final String USER = "65532";
    private static final Pattern READY =
            Pattern.compile("Millrace is ready: grpc=\\S+:(\\d+) management=\\S+:(\\d+).*");

    private final Path root;
    private final String bubblewrap;

    private ImageSandbox(Path root, String bubblewrap) {
        this.root = root;
        this.bubblewrap = bubblewrap;
    }

    /** A server in the sandbox. */
    record Server(Process process, int grpcPort, int managementPort, Path errors)
            implements AutoCloseable {

        String address() {
            return "localhost:" + grpcPort;
        }

        /** Stops the server as Kubernetes does and returns its exit code. */
        int terminate() throws InterruptedException {
            process.descendants().forEach(ProcessHandle::destroy);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the server does not end");
            }
            return process.exitValue();
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Lays out the image with the existing build of the jars. */
    static ImageSandbox build() throws IOException, InterruptedException {
        Path root = MillraceCommandLine.root();
        String bubblewrap = bubblewrap();
        ProcessBuilder build = new ProcessBuilder(root.resolve("k8s/image/build").toString());
        build.environment().put("BWRAP", bubblewrap);
        build.environment().put("MILLRACE_BUILT", "1");
        Process process = build.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("k8s/image/build failed: " + output);
        }
        return new ImageSandbox(root.resolve("target/image"), bubblewrap);
    }

    /** Returns the program. The failure message says which software to install. */
    static String bubblewrap() throws IOException, InterruptedException {
        Path installed = Path.of("/usr/bin/bwrap");
        if (Files.isExecutable(installed)) {
            return installed.toString();
        }
        List<String> whyNot = new ArrayList<>();
        return DebianPackage.unpacked("bubblewrap", whyNot)
                .map(unpacked -> unpacked.resolve("usr/bin/bwrap").toString())
                .orElseThrow(() ->
                        new IllegalStateException(
                                "This test needs bubblewrap: install it, or run the test on Debian or Ubuntu after 'apt-get update'. Tried: "
                                        + whyNot));
    }

    Path root() {
        return root;
    }

    /** Starts a server and waits until it is ready. */
    Server start(Map<String, String> environment, String... command) throws IOException {
        Path errors = Files.createTempFile("image-", ".err");
        Process process = builder(environment, command).redirectError(errors.toFile()).start();
        BufferedReader out = process.inputReader(UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return new Server(
                        process,
                        Integer.parseInt(ready.group(1)),
                        Integer.parseInt(ready.group(2)),
                        errors);
            }
        }
        throw new AssertionError("the server did not start: " + Files.readString(errors));
    }

    /** Runs a command to its end and returns its output and messages. */
    String run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Process process = builder(environment, command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return process.waitFor() + ": " + output;
    }

    private ProcessBuilder builder(Map<String, String> environment, String... command) {
        List<String> line = new ArrayList<>();
        line.addAll(List.of(bubblewrap, "--die-with-parent", "--unshare-user"));
        line.addAll(List.of("--uid", USER, "--gid", USER, "--clearenv"));
        line.addAll(List.of("--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin"));
        line.addAll(List.of("--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"));
        line.addAll(List.of("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"));
        line.addAll(List.of("--ro-bind", "/etc/hosts", "/etc/hosts"));
        line.addAll(List.of("--ro-bind", root.toString(), "/opt/millrace", "--remount-ro", "/"));
        line.addAll(List.of("--setenv", "HOME", "/tmp", "--setenv", "PATH", "/usr/bin:/bin"));
        environment.forEach((name, value) -> line.addAll(List.of("--setenv", name, value)));
        line.add("/opt/millrace/bin/millrace");
        line.addAll(List.of(command));
        return new ProcessBuilder(line);
    }
}
