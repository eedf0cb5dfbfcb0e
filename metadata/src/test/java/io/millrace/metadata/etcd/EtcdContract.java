package io.millrace.metadata.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.metadata.etcd.Etcd.Condition;
import io.millrace.metadata.etcd.Etcd.KeyValue;
import io.millrace.metadata.etcd.Etcd.Op;
import io.millrace.metadata.etcd.Etcd.Page;
import io.millrace.metadata.etcd.Etcd.TxnResult;
import io.millrace.metadata.etcd.EtcdException.Kind;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link Etcd}, for the fake and the real implementation. */
public abstract class EtcdContract {

    private static final Duration LIFE = Duration.ofSeconds(2);

    private final List<Long> leases = new ArrayList<>();
    private Etcd etcd;
    private String prefix;

    /** Returns a client of the store that all tests share. */
    protected abstract Etcd newClient();

    /** Returns a key prefix that no other test uses. */
    protected abstract String newPrefix();

    /** Returns the owner of the clients. */
    protected abstract EventLoop loop();

    /**
     * Makes a call on the event loop of the clients and waits, while time passes, for its result. A
     * failure is thrown inside a {@link CompletionException}.
     */
    protected abstract <T> T onLoop(Supplier<CompletableFuture<T>> call);

    @BeforeEach
    void connect() {
        etcd = newClient();
        prefix = newPrefix();
    }

    @AfterEach
    void disconnect() {
        // Expiring leases would create revisions in other tests.
        leases.forEach(lease -> onLoop(() -> etcd.revokeLease(lease).thenApply(done -> true)));
        run(etcd::close);
    }

    private void run(Runnable task) {
        onLoop(() -> {
            task.run();
            return CompletableFuture.completedFuture(true);
        });
    }

    private String key(String name) {
        return prefix + name;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private Op put(String name, String value) {
        return new Op.Put(key(name), bytes(value));
    }

    private Op get(String name) {
        return new Op.Get(key(name));
    }

    private Op delete(String name) {
        return new Op.Delete(key(name), key(name) + "\0");
    }

    private TxnResult txn(List<Condition> conditions, List<Op> then, List<Op> otherwise) {
        return onLoop(() -> etcd.txn(conditions, then, otherwise));
    }

    private TxnResult change(Op... ops) {
        return txn(List.of(), List.of(ops), List.of());
    }

    private Optional<KeyValue> read(String name) {
        return change(get(name)).gets().getFirst();
    }

    private boolean holds(Condition condition) {
        return txn(List.of(condition), List.of(), List.of()).succeeded();
    }

    private Page all(long revision, int limit) {
        return onLoop(() -> etcd.range(prefix, prefix + "~", revision, limit));
    }

    private List<String> names(List<KeyValue> keys) {
        return keys.stream().map(key -> key.key().substring(prefix.length())).toList();
    }

    private List<String> names(Page page) {
        return names(page.keys());
    }

    private RecordedChanges watch(long fromRevision, boolean deletes) {
        RecordedChanges received = new RecordedChanges();
        run(() -> etcd.watch(prefix, prefix + "~", fromRevision, deletes, received));
        return received;
    }

    private List<String> changes(RecordedChanges received, int atLeast) {
        return onLoop(() -> received.changes(atLeast)).stream()
                .map(change -> change.replace(prefix, ""))
                .toList();
    }

    private Kind failureOf(Supplier<CompletableFuture<?>> call) {
        Throwable thrown = catchThrowable(() -> onLoop(() -> call.get().thenApply(any -> true)));
        assertThat(thrown).isInstanceOf(CompletionException.class);
        if (thrown.getCause() instanceof EtcdException why) {
            return why.kind();
        }
        throw new AssertionError("not a failure of etcd", thrown);
    }

    private Kind failureOfChange(Op... ops) {
        return failureOf(() -> etcd.txn(List.of(), List.of(ops), List.of()));
    }

    @Test
    void aTransactionIsOneRevision() {
        TxnResult result = change(put("a", "1"), put("b", "2"));

        assertThat(result.succeeded()).isTrue();
        for (String name : List.of("a", "b")) {
            KeyValue stored = read(name).orElseThrow();
            assertThat(stored.createRevision()).isEqualTo(result.revision());
            assertThat(stored.modRevision()).isEqualTo(result.revision());
            assertThat(stored.version()).isEqualTo(1);
        }
    }

    @Test
    void whereAConditionFailsTheOtherOperationsRun() {
        change(put("a", "1"));
        TxnResult result =
                txn(
                        List.of(
                                new Condition.ValueIs(key("a"), bytes("1")),
                                new Condition.Absent(key("a"))),
                        List.of(put("b", "2")),
                        List.of(get("a"), get("b"), put("c", "3")));

        assertThat(result.succeeded()).isFalse();
        assertThat(result.gets()).hasSize(2);
        assertThat(result.gets().get(0).orElseThrow().value()).isEqualTo(bytes("1"));
        assertThat(result.gets().get(1)).isEmpty();
        assertThat(names(all(0, 10))).containsExactly("a", "c");
    }

    @Test
    void conditionsOnAValue() {
        change(put("a", "5"));

        assertThat(holds(new Condition.ValueIs(key("a"), bytes("5")))).isTrue();
        assertThat(holds(new Condition.ValueIs(key("a"), bytes("6")))).isFalse();
        assertThat(holds(new Condition.ValueIs(key("none"), bytes("")))).isFalse();
        assertThat(holds(new Condition.ValueAbove(key("a"), bytes("4")))).isTrue();
        assertThat(holds(new Condition.ValueAbove(key("a"), bytes("5")))).isFalse();
        assertThat(holds(new Condition.ValueAbove(key("a"), bytes("6")))).isFalse();
        assertThat(holds(new Condition.ValueAbove(key("none"), bytes("")))).isFalse();
    }

    @Test
    void valuesAreComparedAsUnsignedBytes() {
        txn(List.of(), List.of(new Op.Put(key("a"), new byte[] {(byte) 0x80})), List.of());

        assertThat(holds(new Condition.ValueAbove(key("a"), new byte[] {0x7f}))).isTrue();
    }

    @Test
    void conditionsOnExistence() {
        long revision = change(put("a", "1")).revision();

        assertThat(holds(new Condition.Absent(key("a")))).isFalse();
        assertThat(holds(new Condition.Absent(key("none")))).isTrue();
        assertThat(holds(new Condition.UnchangedSince(key("a"), revision))).isTrue();
        assertThat(holds(new Condition.UnchangedSince(key("a"), revision - 1))).isFalse();
        assertThat(holds(new Condition.UnchangedSince(key("none"), 0))).isTrue();
        assertThat(holds(new Condition.UnchangedSince(key("none"), revision))).isFalse();
    }

    @Test
    void aVersionCountsThePutsSinceTheKeyWasCreated() {
        long first = change(put("a", "1")).revision();
        change(put("a", "2"));
        KeyValue twice = read("a").orElseThrow();
        change(delete("a"));
        long second = change(put("a", "3")).revision();
        KeyValue again = read("a").orElseThrow();

        assertThat(twice.version()).isEqualTo(2);
        assertThat(twice.createRevision()).isEqualTo(first);
        assertThat(again.version()).isEqualTo(1);
        assertThat(again.createRevision()).isEqualTo(second);
    }

    @Test
    void aTransactionWithoutChangesCreatesNoRevision() {
        long before = change(put("a", "1")).revision();

        assertThat(change(get("a")).revision()).isEqualTo(before);
        assertThat(change(delete("none")).revision()).isEqualTo(before);
        assertThat(change(put("a", "1")).revision()).isEqualTo(before + 1);
    }

    @Test
    void aTransactionChangesAKeyOnceAtMost() {
        assertThat(failureOfChange(put("a", "1"), put("a", "2"))).isEqualTo(Kind.REJECTED);
        assertThat(failureOfChange(put("a", "1"), delete("a"))).isEqualTo(Kind.REJECTED);
        assertThat(read("a")).isEmpty();
    }

    @Test
    void aRangeIsInTheOrderOfItsKeysFromItsStartToBeforeItsEnd() {
        change(put("c", "3"), put("a", "1"), put("d", "4"), put("b", "2"));
        Page page = onLoop(() -> etcd.range(key("b"), key("d"), 0, 10));
        Page backwards = onLoop(() -> etcd.range(key("d"), key("b"), 0, 10));

        assertThat(names(page)).containsExactly("b", "c");
        assertThat(page.more()).isFalse();
        assertThat(backwards.keys()).isEmpty();
    }

    @Test
    void aRangeSaysWhetherThereIsMoreThanItsLimit() {
        long revision = change(put("a", "1"), put("b", "2"), put("c", "3")).revision();

        assertThat(names(all(0, 2))).containsExactly("a", "b");
        assertThat(all(0, 2).more()).isTrue();
        assertThat(all(0, 3).more()).isFalse();
        assertThat(all(0, 3).revision()).isEqualTo(revision);
    }

    @Test
    void aRangeAtARevisionIsAsItWasThen() {
        change(put("a", "1"), put("b", "2"));
        long then = change(put("c", "3")).revision();
        change(put("a", "other"));
        long newest = change(delete("b"), put("d", "4")).revision();
        Page page = all(then, 10);

        assertThat(names(page)).containsExactly("a", "b", "c");
        assertThat(page.keys().getFirst().value()).isEqualTo(bytes("1"));
        assertThat(page.keys().getFirst().version()).isEqualTo(1);
        assertThat(page.revision()).isEqualTo(newest);
        assertThat(failureOf(() -> etcd.range(prefix, prefix + "~", then + 1_000_000, 10)))
                .isEqualTo(Kind.REJECTED);
    }

    @Test
    void historyBeforeACompactionCannotBeRead() {
        long first = change(put("a", "1")).revision();
        long second = change(put("a", "2")).revision();
        change(put("a", "3"));
        onLoop(() -> etcd.compact(second).thenApply(done -> true));

        assertThat(all(second, 10).keys().getFirst().value()).isEqualTo(bytes("2"));
        assertThat(failureOf(() -> etcd.range(prefix, prefix + "~", first, 10)))
                .isEqualTo(Kind.COMPACTED);
        assertThat(failureOf(() -> etcd.compact(second))).isEqualTo(Kind.COMPACTED);
        assertThat(failureOf(() -> etcd.compact(second + 1_000_000))).isEqualTo(Kind.REJECTED);
    }

    @Test
    void aWatchReceivesPastAndFutureChanges() {
        change(put("early", "0"));
        long from = change(put("a", "1")).revision();
        change(put("b", "2"));
        change(new Op.Put(prefix.replaceFirst(".$", "~"), bytes("outside")));
        RecordedChanges received = watch(from, true);
        assertThat(changes(received, 2)).containsExactly("put a", "put b");
        change(put("a", "3"));
        change(delete("b"));

        assertThat(changes(received, 4)).containsExactly("put a", "put b", "put a", "deleted b");
        KeyValue again = received.puts().get(2);
        assertThat(again.value()).isEqualTo(bytes("3"));
        assertThat(again.version()).isEqualTo(2);
        assertThat(again.createRevision()).isEqualTo(from);
        assertThat(again.modRevision()).isEqualTo(from + 3);
    }

    @Test
    void changesOfATransactionAreReceivedInTheOrderOfItsOperations() {
        long before = change(get("none")).revision();
        RecordedChanges live = watch(before + 1, false);
        change(put("z", "1"), put("a", "2"), put("m", "3"));
        RecordedChanges late = watch(before + 1, false);

        assertThat(changes(live, 3)).containsExactly("put z", "put a", "put m");
        assertThat(changes(late, 3)).containsExactly("put z", "put a", "put m");
    }

    @Test
    void deletionsAreReceivedOnlyOnRequest() {
        long from = change(put("a", "1")).revision();
        change(delete("a"));
        change(put("b", "2"));
        RecordedChanges puts = watch(from, false);

        assertThat(changes(puts, 2)).containsExactly("put a", "put b");
    }

    @Test
    void aWatchFromAFutureRevisionWaitsForIt() {
        long now = change(put("a", "1")).revision();
        RecordedChanges received = watch(now + 3, true);
        change(put("a", "2"));
        change(put("b", "3"));
        change(put("c", "4"));
        change(put("d", "5"));

        assertThat(changes(received, 2)).containsExactly("put c", "put d");
    }

    @Test
    void aWatchFromACompactedRevisionFails() {
        long first = change(put("a", "1")).revision();
        long second = change(put("a", "2")).revision();
        onLoop(() -> etcd.compact(second).thenApply(done -> true));
        RecordedChanges forgotten = watch(first, true);
        RecordedChanges kept = watch(second, true);

        assertThat(onLoop(forgotten::failure).kind()).isEqualTo(Kind.COMPACTED);
        assertThat(changes(kept, 1)).containsExactly("put a");
    }

    @Test
    void aClosedWatchReceivesNoChanges() {
        long from = change(put("a", "1")).revision();
        RecordedChanges closed = new RecordedChanges();
        Etcd.Watch watch =
                onLoop(() ->
                        CompletableFuture.completedFuture(
                                etcd.watch(prefix, prefix + "~", from, true, closed)));
        RecordedChanges open = watch(from, true);
        changes(closed, 1);
        run(watch::close);
        change(put("b", "2"));
        changes(open, 2);
        run(watch::close);

        assertThat(changes(closed, 1)).containsExactly("put a");
        assertThat(closed.failure()).isNotDone();
    }

    @Test
    void anExpiredLeaseDeletesItsKeysAtOneRevision() {
        long lease = lease();
        long before = change(leased("a", lease), leased("b", lease), put("c", "3")).revision();
        RecordedChanges received = watch(before + 1, true);

        assertThat(changes(received, 2)).containsExactly("deleted a", "deleted b");
        assertThat(names(all(0, 10))).containsExactly("c");
        assertThat(all(0, 10).revision()).isEqualTo(before + 1);
        assertThat(keep(lease)).isFalse();
    }

    private long lease() {
        long lease = onLoop(() -> etcd.grantLease(LIFE));
        leases.add(lease);
        return lease;
    }

    private Op leased(String name, long lease) {
        return new Op.Put(key(name), bytes("leased"), OptionalLong.of(lease));
    }

    @Test
    void aRenewedLeaseOutlivesOneThatIsNotRenewed() {
        long kept = lease();
        long left = lease();
        long before = change(leased("kept", kept), leased("left", left)).revision();
        RecordedChanges received = watch(before + 1, true);
        boolean ended = false;
        while (!ended) {
            assertThat(keep(kept)).isTrue();
            ended = onLoop(() -> either(received.changes(1), after(LIFE.dividedBy(4))));
        }

        assertThat(changes(received, 1)).containsExactly("deleted left");
        assertThat(read("kept")).isPresent();
    }

    private boolean keep(long lease) {
        return onLoop(() -> etcd.renewLease(lease));
    }

    private static CompletableFuture<Boolean> either(
            CompletableFuture<?> event, CompletableFuture<?> timeout) {
        return CompletableFuture.anyOf(event, timeout).thenApply(any -> event.isDone());
    }

    private CompletableFuture<Boolean> after(Duration time) {
        CompletableFuture<Boolean> passed = new CompletableFuture<>();
        loop().schedule(time, () -> passed.complete(true));
        return passed;
    }

    @Test
    void aRevokedLeaseDeletesItsKeysAndMayBeRevokedAgain() {
        long lease = lease();
        change(leased("a", lease));
        onLoop(() -> etcd.revokeLease(lease).thenApply(done -> true));

        assertThat(read("a")).isEmpty();
        assertThat(keep(lease)).isFalse();
        onLoop(() -> etcd.revokeLease(lease).thenApply(done -> true));
        assertThat(failureOfChange(leased("b", lease))).isEqualTo(Kind.REJECTED);
    }

    @Test
    void aKeyBelongsToTheLeaseOfItsLastPut() {
        long first = lease();
        long second = lease();
        change(leased("moved", first), leased("freed", first), leased("again", first));
        change(leased("moved", second), put("freed", "for good"), delete("again"));
        change(put("again", "without"));
        onLoop(() -> etcd.revokeLease(first).thenApply(done -> true));
        List<String> afterFirst = names(all(0, 10));
        onLoop(() -> etcd.revokeLease(second).thenApply(done -> true));

        assertThat(afterFirst).containsExactly("again", "freed", "moved");
        assertThat(names(all(0, 10))).containsExactly("again", "freed");
    }

    @Test
    void largeAndEmptyValuesComeBackAsTheyWere() {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        change(new Op.Put(key("large"), large), new Op.Put(key("empty"), new byte[0]));

        assertThat(read("large").orElseThrow().value()).isEqualTo(large);
        assertThat(read("empty").orElseThrow().value()).isEmpty();
    }

    @Test
    void aClosedClientFailsEverything() {
        Etcd closing = newClient();
        RecordedChanges received = new RecordedChanges();
        run(() -> closing.watch(prefix, prefix + "~", 1, true, received));
        run(closing::close);

        assertThat(failureOf(() -> closing.range(prefix, prefix + "~", 0, 1)))
                .isEqualTo(Kind.UNAVAILABLE);
        assertThat(onLoop(received::failure).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
}
