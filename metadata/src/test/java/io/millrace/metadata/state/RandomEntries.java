package io.millrace.metadata.state;

import com.google.protobuf.ByteString;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.CleanedTo;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.CondemnedObject;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.command.RangeToOffload;
import io.millrace.metadata.command.ReloadedRange;
import io.millrace.metadata.command.Replacement;
import io.millrace.metadata.command.Replacement.NewExtent;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A random log of several nodes: every kind of command, valid or not, interleaved. */
public final class RandomEntries {

    private static final int INCARNATIONS = 3;

    private final RandomGenerator random;
    private final RandomGroups groups;
    private final long[] n = new long[INCARNATIONS];
    private long blocks;
    private long segments;
    private long manifests;
    private boolean expiring = true;
    private int generation = 1;

    public RandomEntries(RandomGenerator random) {
        this.random = random;
        this.groups = new RandomGroups(random);
    }

    /**
     * Leaves out expiry, which depends on positions in the log: a repeated entry has a position
     * too.
     */
    RandomEntries withoutExpiry() {
        expiring = false;
        return this;
    }

    /** Returns this number of entries, in the order of the log. */
    public List<Entry> log(int entries) {
        List<Entry> log = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            int writer = random.nextInt(INCARNATIONS);
            List<Command> commands = new ArrayList<>();
            for (int c = random.nextInt(1, 4); c > 0; c--) {
                commands.add(command(i, 100 + writer));
            }
            generation += random.nextInt(40) == 0 ? random.nextInt(1, 3) : 0;
            log.add(new Entry(100 + writer, ++n[writer], generation, commands));
        }
        return log;
    }

    private Command command(int entry, long writer) {
        return switch (random.nextInt(32)) {
            case 0, 1 ->
                    new Command.TopicCreated(
                            "topic-" + random.nextInt(6), random.nextInt(0, 5), Map.of());
            case 2 -> new Command.TopicDeleted(random.nextInt(1, 8));
            case 3 -> new Command.PartitionsAdded(random.nextInt(1, 8), random.nextInt(1, 9));
            case 4 ->
                    random.nextInt(10) == 0
                            ? new Command.ProducerCapacityRaised(random.nextInt(1_000_000))
                            : new Command.ProducerIdsAllocated(random.nextInt(1, 4));
            case 5 -> new Command.ProducersExpired(expiring ? random.nextInt(entry + 1) : 0);
            case 6 ->
                    random.nextInt(50) == 0
                            ? new Command.IncarnationClosed(100 + random.nextInt(INCARNATIONS))
                            : new Command.FeatureLevelRaised(1 + random.nextInt(2));
            case 14 -> configuration();
            case 15, 16 -> trim();
            case 17 -> new Command.ObjectsForgotten(expiring ? random.nextInt(entry + 1) : 0);
            case 18, 19 -> merge();
            case 20 -> condemnation();
            case 22 -> cleaning();
            case 23 -> acls();
            case 24 -> quotas();
            case 26 -> scramCredentials();
            case 25 -> new Command.NodeNumbered("node-" + random.nextInt(-1, 8));
            case 21 -> random.nextBoolean() ? offloading() : reload();
            case 7, 8, 9, 10, 11, 12, 13 -> groups.command(writer, expiring ? entry : 0);
            default -> block();
        };
    }

    private Command configuration() {
        List<String> values = List.of("-1", "1", "64", "never");
        String value = values.get(random.nextInt(values.size()));
        Set<String> reset =
                random.nextBoolean() ? Set.of("retention.bytes", "max.message.bytes") : Set.of();
        Map<String, String> set =
                switch (random.nextInt(4)) {
                    case 0 -> Map.of("retention.ms", value);
                    case 1 -> Map.of("retention.bytes", value, "retention.ms", value);
                    case 2 -> Map.of("no.such.key", value);
                    default -> Map.of();
                };
        return new Command.TopicConfigured(random.nextInt(1, 8), set, reset);
    }

    private Command acls() {
        List<Acl> added = new ArrayList<>();
        List<Acl> removed = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            (random.nextInt(3) == 0 ? removed : added).add(acl());
        }
        return new Command.AclsChanged(added, removed);
    }

    private Acl acl() {
        return new Acl(
                random.nextInt(20) == 0 ? "nobody" : "User:" + random.nextInt(3),
                random.nextBoolean() ? Acl.ANY_HOST : "10.0.0." + random.nextInt(3),
                random.nextBoolean() ? Operation.READ : Operation.ALL,
                random.nextInt(3) == 0 ? Permission.DENY : Permission.ALLOW,
                new ResourcePattern(
                        random.nextBoolean() ? ResourceType.TOPIC : ResourceType.GROUP,
                        random.nextBoolean()
                                ? ResourcePattern.Match.LITERAL
                                : ResourcePattern.Match.PREFIXED,
                        "topic-".substring(random.nextInt(3)) + random.nextInt(4)));
    }

    private Command quotas() {
        List<Quota> set = new ArrayList<>();
        List<QuotaKey> removed = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            QuotaKind[] kinds = QuotaKind.values();
            QuotaKey key =
                    new QuotaKey(
                            random.nextInt(4) == 0 ? QuotaKey.DEFAULT : "User:" + random.nextInt(3),
                            kinds[random.nextInt(kinds.length)]);
            if (random.nextInt(3) == 0) {
                removed.add(key);
            } else {
                set.add(new Quota(key, random.nextInt(100)));
            }
        }
        return new Command.QuotasChanged(set, removed);
    }

    private Command scramCredentials() {
        List<ScramCredential> set = new ArrayList<>();
        List<ScramName> removed = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            ScramMechanism[] mechanisms = ScramMechanism.values();
            ScramMechanism mechanism = mechanisms[random.nextInt(mechanisms.length)];
            ScramName name = new ScramName("user-" + random.nextInt(3), mechanism);
            if (random.nextInt(3) == 0) {
                removed.add(name);
            } else {
                set.add(
                        new ScramCredential(
                                name,
                                ScramMechanism.MIN_ITERATIONS + random.nextInt(-1, 3),
                                bytes(random.nextInt(1, 40)),
                                bytes(mechanism.keyBytes()),
                                bytes(mechanism.keyBytes())));
            }
        }
        return new Command.ScramCredentialsChanged(set, removed);
    }

    private ByteString bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private Command cleaning() {
        List<CleanedTo> rows = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            rows.add(new CleanedTo(random.nextInt(5), random.nextInt(1, 30)));
        }
        return new Command.KeysCompacted(random.nextInt(1, 8), rows);
    }

    private Command trim() {
        List<LogStart> starts = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            starts.add(new LogStart(random.nextInt(5), random.nextInt(30)));
        }
        return new Command.LogStartAdvanced(random.nextInt(1, 8), starts);
    }

    private Command merge() {
        List<Replacement> rows = new ArrayList<>();
        long position = 16;
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            long offset = random.nextInt(12);
            List<NewExtent> extents = new ArrayList<>();
            for (int j = random.nextInt(1, 3); j > 0; j--) {
                long end = offset + random.nextInt(1, 12);
                extents.add(new NewExtent(offset, end, position, 100, random.nextInt(1000)));
                position += 100;
                offset = end;
            }
            rows.add(new Replacement(random.nextInt(1, 8), random.nextInt(5), extents));
        }
        List<ObjectId> inputs = new ArrayList<>();
        for (long i = Math.max(0, blocks - 30); i < blocks; i++) {
            for (int writer = 0; writer < INCARNATIONS; writer++) {
                inputs.add(new ObjectId(ObjectId.Kind.WAL, writer, i));
            }
        }
        ObjectId id = new ObjectId(ObjectId.Kind.SEGMENT, random.nextInt(INCARNATIONS), segments++);
        return new Command.ExtentsReplaced(new ObjectRef(id, position, 3000), inputs, rows);
    }

    private Command condemnation() {
        List<CondemnedObject> objects = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            ObjectId.Kind kind = random.nextBoolean() ? ObjectId.Kind.WAL : ObjectId.Kind.SEGMENT;
            objects.add(
                    new CondemnedObject(
                            new ObjectId(
                                    kind,
                                    random.nextInt(INCARNATIONS),
                                    random.nextLong(blocks + 2)),
                            random.nextInt(1000)));
        }
        return new Command.ObjectsCondemned(objects);
    }

    /** Mostly names missing extents: only the state knows the existing ones. */
    private Command offloading() {
        List<RangeToOffload> rows = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            long offset = random.nextInt(12);
            rows.add(
                    new RangeToOffload(
                            random.nextInt(1, 8),
                            random.nextInt(5),
                            offset,
                            offset + random.nextInt(1, 12),
                            random.nextInt(200),
                            random.nextInt(1, 9),
                            random.nextLong()));
        }
        ObjectId.Kind kind =
                random.nextInt(5) == 0 ? ObjectId.Kind.SEGMENT : ObjectId.Kind.MANIFEST;
        ObjectId id = new ObjectId(kind, random.nextInt(INCARNATIONS), manifests++);
        return new Command.ExtentsOffloaded(new ObjectRef(id, 400, 900), rows);
    }

    private Command reload() {
        List<ReloadedRange> rows = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            byte[] content = new byte[random.nextInt(100)];
            random.nextBytes(content);
            rows.add(
                    new ReloadedRange(
                            random.nextInt(1, 8),
                            random.nextInt(5),
                            random.nextInt(12),
                            ByteString.copyFrom(content)));
        }
        return new Command.ExtentsReloaded(rows);
    }

    private Command block() {
        ObjectRef object =
                new ObjectRef(
                        new ObjectId(ObjectId.Kind.WAL, random.nextInt(INCARNATIONS), blocks++),
                        1 << 20,
                        (1 << 20) + 500);
        List<BatchItem> items = new ArrayList<>();
        int position = 16;
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            int length = random.nextInt(61, 2000);
            ProducerStamp producer =
                    random.nextBoolean()
                            ? ProducerStamp.NONE
                            : new ProducerStamp(
                                    random.nextInt(4),
                                    (short) random.nextInt(2),
                                    random.nextInt(6));
            items.add(
                    new BatchItem(
                            random.nextInt(1, 8),
                            random.nextInt(5),
                            random.nextInt(1, 4),
                            position,
                            length,
                            random.nextInt(1_000_000),
                            producer));
            position += length;
        }
        return new Command.BlockCommitted(object, random.nextInt(1_000_000), items);
    }
}
