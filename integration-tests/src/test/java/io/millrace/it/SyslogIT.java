package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's log agents with their Kafka outputs send the lines of a file to a server. */
@Tag("full")
@Timeout(180)
class SyslogIT {

    private static final List<String> LINES =
            IntStream.range(0, 500).mapToObj(i -> "line " + i).toList();

    @TempDir Path folder;
    private MillraceProcess server;
    private Path log;

    @BeforeEach
    void start() throws Exception {
        server = MillraceProcess.up(folder.resolve("data"));
        server.createTopic("lines", 1);
        log = Files.write(folder.resolve("source.log"), LINES);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void rsyslogSendsLinesWithOmkafka() throws Exception {
        DebianProgram rsyslog = DebianProgram.of("rsyslog-kafka");
        Path output = rsyslog.file("usr/lib/%s/rsyslog/omkafka.so".formatted(machine()));
        Path modules = rsyslog.file("usr/lib/%s/rsyslog/lmnet.so".formatted(machine())).getParent();
        Path settings =
                Files.writeString(
                        folder.resolve("rsyslog.conf"),
                        """
                        global(workDirectory="%s")
                        module(load="imfile")
                        module(load="%s")
                        template(name="line" type="string" string="%%msg%%")
                        input(type="imfile" file="%s" tag="lines")
                        action(type="omkafka" broker=["%s"] topic="lines" template="line"
                               confParam=["compression.codec=snappy"])
                        """
                                .formatted(folder, output, log, server.kafkaAddress()));
        List<String> command =
                List.of(
                        rsyslog.file("usr/sbin/rsyslogd").toString(),
                        "-n",
                        "-f",
                        settings.toString(),
                        "-i",
                        folder.resolve("rsyslog.pid").toString(),
                        "-M" + modules);

        assertLinesArrive(rsyslog, command);
    }

    @Test
    void syslogNgSendsLinesWithItsKafkaDestination() throws Exception {
        DebianProgram syslog = DebianProgram.of("syslog-ng-mod-rdkafka");
        String versions = syslog.run("usr/sbin/syslog-ng", "", "--version").ok();
        String moduleFolder = field(versions, "Module-Directory: /");
        Path settings =
                Files.writeString(
                        folder.resolve("syslog-ng.conf"),
                        """
                        @version: %s
                        source lines { file("%s" flags(no-parse) follow-freq(1)); };
                        destination kafka {
                          kafka-c(bootstrap-servers("%s") topic("lines") message("$MSG")
                                  config("compression.codec"("lz4")));
                        };
                        log { source(lines); destination(kafka); };
                        """
                                .formatted(
                                        field(versions, "Config version: "),
                                        log,
                                        server.kafkaAddress()));
        Path modules = syslog.file(moduleFolder + "/libaffile.so").getParent();
        Path kafka = syslog.file(moduleFolder + "/libkafka.so").getParent();
        List<String> command =
                List.of(
                        syslog.file("usr/sbin/syslog-ng").toString(),
                        "--foreground",
                        "--no-caps",
                        "--stderr",
                        "--cfgfile=" + settings,
                        "--persist-file=" + folder.resolve("syslog-ng.persist"),
                        "--control=" + folder.resolve("syslog-ng.ctl"),
                        "--pidfile=" + folder.resolve("syslog-ng.pid"),
                        "--module-path=" + modules + ":" + kafka);

        assertLinesArrive(syslog, command);
    }

    private void assertLinesArrive(DebianProgram program, List<String> command) throws Exception {
        try (ExternalProgram.Running agent =
                ExternalProgram.start(
                        command, program.environment(), folder.resolve("agent.log"))) {
            DebianProgram kcat = DebianProgram.of("kcat");
            String[] count = {"-b", server.kafkaAddress(), "-Q", "-t", "lines:0:-1"};
            agent.await(
                    "all lines are stored",
                    () -> kcat.run("usr/bin/kcat", "", count).ok().contains("offset 500"));
            String[] read = {
                "-b", server.kafkaAddress(), "-C", "-t", "lines", "-o", "beginning", "-e", "-q"
            };
            assertThat(kcat.run("usr/bin/kcat", "", read).lines())
                    .map(String::strip)
                    .containsExactlyElementsOf(LINES);
        }
    }

    private static String field(String versions, String name) {
        return versions.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + versions));
    }

    private static String machine() {
        String machine = System.getProperty("os.arch");
        return (machine.equals("amd64") ? "x86_64" : machine) + "-linux-gnu";
    }
}
