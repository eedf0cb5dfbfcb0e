package io.millrace.metadata.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.command.Command;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** The number of topic commands that share an entry. */
class ProposalQueueTest {

    private final ProposalQueue queue = new ProposalQueue();

    private int sizeOfFirstGroup(IntFunction<Command> commands) {
        for (int i = 0; i < 5_000; i++) {
            queue.add(new PendingProposal(commands.apply(i)), Priority.BACKGROUND);
        }
        return queue.takeGroup().size();
    }

    @Test
    void creationsShareAnEntryUpToANumberOfPartitions() {
        assertThat(sizeOfFirstGroup(i -> new Command.TopicCreated("t" + i, 10, Map.of())))
                .isBetween(800, 1_000);
    }

    @Test
    void largeTopicsTakeAnEntryEach() {
        assertThat(sizeOfFirstGroup(i -> new Command.TopicCreated("t" + i, 100_000, Map.of())))
                .isOne();
    }

    @Test
    void fewDeletionsShareAnEntry() {
        assertThat(sizeOfFirstGroup(Command.TopicDeleted::new)).isBetween(200, 300);
    }
}
