package io.millrace.cli.proof;

import io.millrace.cli.proof.Violation.Kind;
import io.millrace.client.ReadRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one reader sees of a partition, from the first record of this run on: that no offset is
 * missing, that every byte is what was sent, and that other readers see the same. Not thread-safe;
 * readings of one partition share its ledger.
 */
public final class Reading {

    /** When a reading takes place. */
    public enum Role {
        /** While producers send; the ledger learns what it sees. One for each partition. */
        WITNESS,
        /** While producers send. */
        OBSERVER,
        /** When the fate of all records is told: nothing that was acknowledged may be missing. */
        AUDITOR
    }

    private final Role role;
    private final Content content;
    private final Ledger ledger;
    private final Agreement agreement;
    private final int partition;
    private final List<Chain> chains = new ArrayList<>();
    private long next;
    private long digest;

    /** How far the reading is in what one producer sent. */
    private static final class Chain {
        private final Sequences unknown = new Sequences();
        private long next;
        private long hash;
    }

    /**
     * @param content may serve many readings of one thread
     */
    public Reading(Role role, Content content, Ledger ledger, Agreement agreement) {
        this.role = role;
        this.content = content;
        this.ledger = ledger;
        this.agreement = agreement;
        this.partition = ledger.partition();
        this.next = ledger.start();
        for (int i = 0; i < ledger.producers(); i++) {
            chains.add(new Chain());
        }
    }

    /** Offset of the record that it should see next. */
    public long next() {
        return next;
    }

    /** Takes in a record. Returns what is wrong; null if nothing. */
    public @Nullable Violation read(ReadRecord record) {
        long offset = record.offset();
        if (offset != next) {
            return misplaced(offset);
        }
        next++;
        ByteBuffer value = record.value();
        Content.Claim claim = value == null ? null : Content.claimOf(value);
        if (value == null || claim == null || claim.run() != content.run()) {
            return phantom(offset, "a record that is not of this run: is anybody else writing?");
        }
        int producer = claim.producer();
        if (producer < 0
                || producer >= chains.size()
                || claim.partition() != partition
                || claim.sequence() < 0
                || claim.sequence() >= ledger.sent(producer)) {
            return phantom(
                    offset,
                    "record %d of producer %d for partition %d, which was never sent."
                            .formatted(claim.sequence(), producer, claim.partition()));
        }
        Violation wrong = follow(chains.get(producer), claim, record, value);
        if (wrong == null && role == Role.WITNESS) {
            wrong = ledger.seen(producer, claim.sequence(), offset);
        }
        if (wrong != null) {
            return wrong;
        }
        digest = mix(digest + mix(offset) + mix(record.timestampMs()) + claim.hash());
        return agreement.at(next, digest, false);
    }

    private Violation misplaced(long offset) {
        return offset > next
                ? Violation.of(
                        Kind.GAP,
                        partition,
                        next,
                        "after offset %d comes offset %d; those between are missing.",
                        next - 1,
                        offset)
                : Violation.of(
                        Kind.REORDERED,
                        partition,
                        offset,
                        "after offset %d comes offset %d again.",
                        next - 1,
                        offset);
    }

    private Violation phantom(long offset, String what) {
        return Violation.of(Kind.PHANTOM, partition, offset, "offset %d holds %s", offset, what);
    }

    private @Nullable Violation follow(
            Chain chain, Content.Claim claim, ReadRecord record, ByteBuffer value) {
        boolean isLate = claim.sequence() < chain.next;
        Violation wrong = isLate ? null : skip(chain, claim, record.offset());
        if (wrong == null && role == Role.AUDITOR) {
            wrong = audit(chain, claim, record.offset(), isLate);
        }
        if (wrong != null) {
            return wrong;
        }
        // Of a late one the chain has gone on; other readers' digests tell its previous hash.
        long previous = isLate ? claim.previous() : chain.hash;
        byte[] sent = content.make(claim.producer(), partition, claim.sequence(), previous);
        if (!ByteBuffer.wrap(sent).equals(value)
                || record.key() != null
                || !record.headers().isEmpty()) {
            return Violation.of(
                    Kind.CHANGED,
                    partition,
                    record.offset(),
                    "offset %d holds record %d of producer %d with other bytes than were sent.",
                    record.offset(),
                    claim.sequence(),
                    claim.producer());
        }
        if (!isLate) {
            chain.next = claim.sequence() + 1;
            chain.hash = claim.hash();
        }
        return null;
    }

    /** Goes on in a chain to a record; those before it that were not seen may be missing. */
    private @Nullable Violation skip(Chain chain, Content.Claim to, long offset) {
        for (; chain.next < to.sequence(); chain.next++) {
            if (role == Role.AUDITOR
                    && ledger.fateOf(to.producer(), chain.next) instanceof Fate.Stored) {
                return Violation.of(
                        Kind.LOST,
                        partition,
                        offset,
                        "%s was acknowledged and is not there before offset %d, which holds %s.",
                        new Entry(to.producer(), chain.next),
                        offset,
                        new Entry(to.producer(), to.sequence()));
            }
            byte[] skipped = content.make(to.producer(), partition, chain.next, chain.hash);
            chain.hash = Content.hashOf(skipped);
        }
        return null;
    }

    private @Nullable Violation audit(
            Chain chain, Content.Claim claim, long offset, boolean isLate) {
        Entry entry = new Entry(claim.producer(), claim.sequence());
        return switch (ledger.fateOf(claim.producer(), claim.sequence())) {
            case Fate.Stored ignored -> isLate ? entry.doubled(partition, offset) : null;
            case Fate.NotStored ignored -> entry.denied(partition, offset);
            case Fate.Unknown ignored ->
                    chain.unknown.add(claim.sequence()) ? null : entry.doubled(partition, offset);
        };
    }

    /** It is at the end. Returns what is wrong; null if nothing. */
    public @Nullable Violation end() {
        for (int producer = 0; role == Role.AUDITOR && producer < chains.size(); producer++) {
            Chain chain = chains.get(producer);
            for (long missing = chain.next; missing < ledger.sent(producer); missing++) {
                if (ledger.fateOf(producer, missing) instanceof Fate.Stored) {
                    return Violation.of(
                            Kind.LOST,
                            partition,
                            next,
                            "%s was acknowledged and is not there before the end, offset %d.",
                            new Entry(producer, missing),
                            next);
                }
            }
        }
        return agreement.at(next, digest, true);
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
