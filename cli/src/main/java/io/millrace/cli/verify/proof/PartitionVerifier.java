package io.millrace.cli.verify.proof;

import io.millrace.cli.verify.proof.Violation.Kind;
import io.millrace.client.record.ReadRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Verifies one reading of a partition: no offset is missing, every byte is as sent, and all readers
 * see the same records. Not thread-safe; readings of a partition share the ledger. Methods return
 * the violation, or null.
 */
public final class PartitionVerifier {

    /** The role of a reading. */
    public enum Role {
        /** Reads while producers send, and feeds the ledger. Exactly one for each partition. */
        WITNESS,
        /** Reads while producers send. */
        OBSERVER,
        /** Reads after all outcomes are known; no acknowledged record may be missing. */
        AUDITOR
    }

    private final Role role;
    private final RecordContent content;
    private final AckLedger ledger;
    private final ReaderDigest readerDigest;
    private final int partition;
    private final List<HashChain> chains = new ArrayList<>();
    private long next;
    private long skipped;

    private static final class HashChain {
        private final SequenceSet unknown = new SequenceSet();
        private final MissingRecords gone;
        private long next;
        private long hash;

        private HashChain(int keys) {
            gone = new MissingRecords(keys);
        }
    }

    /**
     * @param content can serve many readings of one thread
     */
    public PartitionVerifier(
            Role role, RecordContent content, AckLedger ledger, ReaderConsistency agreement) {
        this.role = role;
        this.content = content;
        this.ledger = ledger;
        this.partition = ledger.partition();
        this.next = ledger.start();
        this.readerDigest = new ReaderDigest(agreement, next);
        for (int i = 0; i < ledger.producers(); i++) {
            chains.add(new HashChain(content.isCompacted() ? content.keys() : 0));
        }
    }

    /** Returns the offset of the next expected record. */
    public long next() {
        return next;
    }

    public @Nullable Violation read(ReadRecord record) {
        long offset = record.offset();
        if (offset > next && content.isCompacted()) {
            Violation wrong = skipTo(offset);
            if (wrong != null) {
                return wrong;
            }
        }
        if (offset != next) {
            return misplaced(offset);
        }
        next++;
        ByteBuffer value = record.value();
        RecordContent.RecordIdentity claim = value == null ? null : RecordContent.identityOf(value);
        if (value == null || claim == null || claim.run() != content.run()) {
            return phantom(
                    offset, "a record of another run: check for other producers on the topic.");
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
            wrong = ledger.onRead(producer, claim.sequence(), offset);
        }
        if (wrong != null) {
            return wrong;
        }
        // On a compacted topic, readers may miss different records, but never see others.
        return content.isCompacted()
                ? readerDigest.compareRecord(offset, record.timestampMs(), claim.hash())
                : readerDigest.add(offset, record.timestampMs(), claim.hash());
    }

    /** Called when retention or a trim removed the next expected records. */
    public @Nullable Violation trimmed(long logStart) {
        skipped += logStart - next;
        chains.forEach(chain -> chain.gone.trimmed(logStart));
        return skipTo(logStart);
    }

    private @Nullable Violation skipTo(long offset) {
        Violation wrong = role == Role.WITNESS ? ledger.skipTo(offset) : null;
        next = offset;
        readerDigest.restart(offset);
        return wrong;
    }

    private Violation misplaced(long offset) {
        return offset > next
                ? Violation.of(
                        Kind.GAP,
                        partition,
                        next,
                        "offset %d is followed by offset %d; the offsets between are missing.",
                        next - 1,
                        offset)
                : Violation.of(
                        Kind.REORDERED,
                        partition,
                        offset,
                        "offset %d is followed by offset %d again.",
                        next - 1,
                        offset);
    }

    private Violation phantom(long offset, String what) {
        return Violation.of(Kind.PHANTOM, partition, offset, "offset %d holds %s", offset, what);
    }

    private @Nullable Violation follow(
            HashChain chain,
            RecordContent.RecordIdentity claim,
            ReadRecord record,
            ByteBuffer value) {
        boolean isLate = claim.sequence() < chain.next;
        Violation wrong = isLate ? null : skip(chain, claim, record.offset());
        if (wrong == null && role == Role.AUDITOR) {
            wrong = audit(chain, claim, record.offset(), isLate);
        }
        if (wrong != null) {
            return wrong;
        }
        // The chain is past a late record; other readers' digests verify the previous hash.
        long previous = isLate ? claim.previous() : chain.hash;
        byte[] sent = content.make(claim.producer(), partition, claim.sequence(), previous);
        if (!ByteBuffer.wrap(sent).equals(value)
                || !Objects.equals(record.key(), key(claim))
                || !content.hasHeadersOf(claim.producer(), claim.sequence(), record)
                || !content.hasTimestampOf(claim.producer(), claim.sequence(), record)) {
            return Violation.of(
                    Kind.CHANGED,
                    partition,
                    record.offset(),
                    "offset %d holds record %d of producer %d with a different key, value, header or timestamp than sent.",
                    record.offset(),
                    claim.sequence(),
                    claim.producer());
        }
        if (!isLate) {
            chain.next = claim.sequence() + 1;
            chain.hash = claim.hash();
        }
        if (role == Role.AUDITOR) {
            boolean isDoubtful =
                    ledger.outcomeOf(claim.producer(), claim.sequence())
                            instanceof DeliveryOutcome.Unknown;
            chain.gone.onRead(claim.sequence(), isDoubtful);
        }
        return null;
    }

    private @Nullable ByteBuffer key(RecordContent.RecordIdentity claim) {
        byte[] key = content.keyOf(claim.producer(), claim.sequence());
        return key == null ? null : ByteBuffer.wrap(key);
    }

    private boolean isLost(HashChain chain, int producer, long sequence) {
        return role == Role.AUDITOR
                && ledger.outcomeOf(producer, sequence) instanceof DeliveryOutcome.Stored
                && !chain.gone.onMissing(sequence, ledger.offsetLowerBound(producer, sequence));
    }

    /** Advances a chain to a record. Earlier records that were not read may be missing. */
    private @Nullable Violation skip(
            HashChain chain, RecordContent.RecordIdentity to, long offset) {
        for (; chain.next < to.sequence(); chain.next++) {
            if (isLost(chain, to.producer(), chain.next)) {
                return Violation.of(
                        Kind.LOST,
                        partition,
                        offset,
                        "%s was acknowledged and is missing before offset %d, which holds %s.",
                        new LedgerEntry(to.producer(), chain.next),
                        offset,
                        new LedgerEntry(to.producer(), to.sequence()));
            }
            byte[] skipped = content.make(to.producer(), partition, chain.next, chain.hash);
            chain.hash = RecordContent.hashOf(skipped);
        }
        return null;
    }

    private @Nullable Violation audit(
            HashChain chain, RecordContent.RecordIdentity claim, long offset, boolean isLate) {
        LedgerEntry entry = new LedgerEntry(claim.producer(), claim.sequence());
        return switch (ledger.outcomeOf(claim.producer(), claim.sequence())) {
            case DeliveryOutcome.Stored ignored -> isLate ? entry.doubled(partition, offset) : null;
            case DeliveryOutcome.NotStored ignored -> entry.denied(partition, offset);
            case DeliveryOutcome.Unknown ignored ->
                    chain.unknown.add(claim.sequence()) ? null : entry.doubled(partition, offset);
        };
    }

    public @Nullable Violation end() {
        long removed = 0;
        long superseded = 0;
        for (int producer = 0; role == Role.AUDITOR && producer < chains.size(); producer++) {
            HashChain chain = chains.get(producer);
            for (long missing = chain.next; missing < ledger.sent(producer); missing++) {
                if (isLost(chain, producer, missing)) {
                    return missing(producer, missing);
                }
            }
            OptionalLong newest = chain.gone.firstLost();
            if (newest.isPresent()) {
                return missing(producer, newest.getAsLong());
            }
            removed += chain.gone.removed();
            superseded += chain.gone.superseded();
        }
        if (removed > skipped) {
            return Violation.of(
                    Kind.LOST,
                    partition,
                    next,
                    "%d acknowledged records are missing, but only %d offsets are below the log"
                            + " start.",
                    removed,
                    skipped);
        }
        ledger.addMissing(removed, superseded);
        return content.isCompacted() ? null : readerDigest.compare(next);
    }

    private Violation missing(int producer, long sequence) {
        return Violation.of(
                Kind.LOST,
                partition,
                next,
                "%s was acknowledged and is missing before the end offset %d%s.",
                new LedgerEntry(producer, sequence),
                next,
                content.isCompacted() ? ", without a newer record of the same key" : "");
    }
}
