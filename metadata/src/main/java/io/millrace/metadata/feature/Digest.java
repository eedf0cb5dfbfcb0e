package io.millrace.metadata.feature;

import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.protocol.error.Reason;

/**
 * A rolling digest of all outcomes, equal on replicas that applied the same entries. Not
 * cryptographic.
 */
public final class Digest {

    private long value;

    public Digest(long value) {
        this.value = value;
    }

    public long value() {
        return value;
    }

    public void restore(long read) {
        value = read;
    }

    public void add(long number) {
        // The finaliser of splitmix64, keyed by the previous value.
        long mixed = (value ^ number) + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        value = mixed ^ (mixed >>> 27);
    }

    public void add(Reason reason) {
        // Names are stable across versions of the enum; ordinals are not.
        add(reason.name().hashCode());
    }

    public void add(Outcome outcome) {
        switch (outcome) {
            case Outcome.Block block -> {
                // Its items were added as they were decided.
                add(1);
                add(block.items().size());
            }
            case Outcome.TopicReady ready -> {
                add(2);
                add(ready.topic().id());
                add(ready.topic().partitionCount());
            }
            case Outcome.ProducerIds ids -> {
                add(3);
                add(ids.first());
                add(ids.count());
            }
            case Outcome.Completed done -> add(4);
            case Outcome.GroupClaim claim -> {
                add(6);
                add(claim.claimEpoch());
            }
            case Outcome.NodeNumber(int number) -> {
                add(8);
                add(number);
            }
            case Outcome.Rows offsets -> {
                add(7);
                for (RowOutcome row : offsets.rows()) {
                    switch (row) {
                        case RowOutcome.Accepted counts -> add(0);
                        case RowOutcome.Superseded superseded -> add(1);
                        case RowOutcome.Rejected rejected -> add(rejected.reason());
                    }
                }
            }
            case Outcome.CommandRejected rejected -> {
                add(5);
                add(rejected.problem().reason());
            }
        }
    }
}
