package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.storage.TestScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The content of the container image, run as in a container. */
@Tag(TestScale.FULL)
@Tag("serial")
class ImageIT {

    private static final long SMALLEST_LIMIT = 768L << 20;

    /** The start fails if the ahead-of-time cache cannot be used. */
    private static final String WITH_CACHE = "-XX:AOTMode=on";

    private static ImageSandbox image;

    @TempDir Path folder;

    @BeforeAll
    static void buildTheImage() throws Exception {
        image = ImageSandbox.build();
    }

    @Test
    void aNodeServesWithinTheSmallestMemoryLimit() throws Exception {
        try (ImageSandbox.Server node = image.start(clusterOfOne(), "node")) {
            assertThat(Files.readString(node.errors())).isEmpty();
            String at = node.address();
            MillraceCommandLine.run("topic", "create", "t", "--partitions", "8", "--server", at)
                    .ok();
            MillraceCommandLine.runProcess(
                            "bench", "produce", "--topic", "t", "--producers", "16", "--server", at)
                    .ok();
            MillraceCommandLine.runProcess("verify", "--duration", "10", "--server", at).ok();
            long peak = Meters.sum(node.managementPort(), "millrace_process_resident_peak_bytes");
            System.out.printf("ImageIT: peak of the resident memory: %d MiB%n", peak >> 20);
            assertThat(peak).isPositive().isLessThan(SMALLEST_LIMIT);
            assertThat(image.run(Map.of(), "topic", "list", "--server", at))
                    .startsWith("0: ")
                    .contains("t");
            assertThat(node.terminate()).isZero();
        }
    }

    private static Map<String, String> clusterOfOne() throws Exception {
        SharedServers.Bucket s3 = SharedServers.newBucket();
        Map<String, String> pod = new HashMap<>();
        pod.put("MILLRACE_MEMORY_LIMIT", "" + SMALLEST_LIMIT);
        pod.put("MILLRACE_JAVA_OPTS", WITH_CACHE);
        pod.put("MILLRACE_CLUSTER", SharedServers.newName());
        pod.put("MILLRACE_ETCD", SharedServers.etcd().endpoints().getFirst().toString());
        pod.put("MILLRACE_BUCKET", s3.url());
        pod.put("MILLRACE_S3_ENDPOINT", s3.endpoint().toString());
        pod.put("MILLRACE_HOST", "0.0.0.0");
        pod.put("MILLRACE_ADVERTISE", "127.0.0.1");
        pod.put("MILLRACE_NODE_ID", "image");
        pod.put("MILLRACE_ZONE", "");
        pod.put("MILLRACE_GRPC_PORT", "0");
        pod.put("MILLRACE_MANAGEMENT_PORT", "0");
        pod.put("AWS_ACCESS_KEY_ID", "any");
        pod.put("AWS_SECRET_ACCESS_KEY", "any");
        return pod;
    }

    @ParameterizedTest
    @ValueSource(longs = {SMALLEST_LIMIT, 2L << 30, 8L << 30})
    void theCacheFitsEveryMemoryLimit(long limit) throws Exception {
        Map<String, String> pod =
                Map.of(
                        "MILLRACE_MEMORY_LIMIT",
                        "" + limit,
                        "MILLRACE_CPUS",
                        "2",
                        "MILLRACE_JAVA_OPTS",
                        WITH_CACHE + " -Xlog:class+load:stdout");
        assertThat(image.run(pod, "node", "--help"))
                .startsWith("0: ")
                .contains("io.millrace.server.node.Node source: shared objects file");
    }

    @Test
    void commandsUseTheirCache() throws Exception {
        assertThat(image.run(Map.of("MILLRACE_JAVA_OPTS", WITH_CACHE), "topic", "--help"))
                .startsWith("0: Usage: millrace topic");
    }

    @Test
    void aServerRefusesALimitThatIsTooSmall() throws Exception {
        assertThat(image.run(Map.of("MILLRACE_MEMORY_LIMIT", "536870912"), "node"))
                .startsWith("2: millrace: a server needs a memory limit of at least");
    }

    @Test
    void anyUserCanReadEverythingAndChangeNothing() throws Exception {
        try (Stream<Path> files = Files.walk(image.root())) {
            List<Path> all = files.filter(file -> !Files.isSymbolicLink(file)).toList();
            assertThat(all)
                    .allSatisfy(file ->
                            assertThat(Files.getPosixFilePermissions(file))
                                    .contains(PosixFilePermission.OTHERS_READ)
                                    .doesNotContain(
                                            PosixFilePermission.OTHERS_WRITE,
                                            PosixFilePermission.GROUP_WRITE));
        }
    }

    @Test
    void theListOfComponentsNamesEveryLibraryInTheImage() throws Exception {
        JsonNode list = new ObjectMapper().readTree(image.root().resolve("sbom.json").toFile());
        assertThat(list.path("bomFormat").asText()).isEqualTo("CycloneDX");
        Set<String> listed = new HashSet<>();
        for (JsonNode component : list.path("components")) {
            listed.add(
                    "%s.%s-%s.jar"
                            .formatted(
                                    component.path("group").asText(),
                                    component.path("name").asText(),
                                    component.path("version").asText()));
        }
        try (Stream<Path> jars = Files.list(image.root().resolve("app/lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString().replace("modified-", "")))
                    .hasSizeGreaterThan(100)
                    .isSubsetOf(listed);
        }
    }
}
