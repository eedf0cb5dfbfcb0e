package io.millrace.it;

import java.io.IOException;
import java.util.List;

/** A member of a classic group on librdkafka, in a process of its own. */
final class LibrdkafkaMember implements AutoCloseable {

    private final GroupProgress progress;
    private final GroupProgress.Member member;
    private final PythonProgram program;

    LibrdkafkaMember(
            DebianProgram library,
            String servers,
            String group,
            String topic,
            GroupProgress progress)
            throws IOException {
        this.progress = progress;
        this.member = progress.new Member();
        this.program =
                new PythonProgram(
                        library,
                        "librdkafka_member.py",
                        List.of(servers, group, topic),
                        this::received);
    }

    /** Called by the thread of the program. */
    private void received(PythonProgram from, String line) {
        String[] words = line.split(" ", 4);
        switch (words[0]) {
            case "read" ->
                    member.read(Integer.parseInt(words[1]), Long.parseLong(words[2]), words[3]);
            case "dropped" -> member.drop(Integer.parseInt(words[1]));
            case "batch" -> from.send("processed");
            default -> progress.violation("a member on librdkafka reports: " + line);
        }
    }

    /** Leaves the group. */
    void leave() throws InterruptedException {
        program.finish();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        program.close();
    }
}
