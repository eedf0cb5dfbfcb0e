package io.millrace.metadata.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.command.CleanedTo;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Entry;
import io.millrace.metadata.command.LogStart;
import io.millrace.metadata.proto.FeatureLevelRaised;
import io.millrace.metadata.proto.GroupClaimed;
import io.millrace.metadata.proto.GroupDeleted;
import io.millrace.metadata.proto.GroupReleased;
import io.millrace.metadata.proto.GroupsExpired;
import io.millrace.metadata.proto.IncarnationClosed;
import io.millrace.metadata.proto.KeysCompacted;
import io.millrace.metadata.proto.LogCommand;
import io.millrace.metadata.proto.LogEntry;
import io.millrace.metadata.proto.LogStartAdvanced;
import io.millrace.metadata.proto.MembersRemoved;
import io.millrace.metadata.proto.NodeNumbered;
import io.millrace.metadata.proto.ObjectsForgotten;
import io.millrace.metadata.proto.PartitionsAdded;
import io.millrace.metadata.proto.ProducerCapacityRaised;
import io.millrace.metadata.proto.ProducerIdsAllocated;
import io.millrace.metadata.proto.ProducersExpired;
import io.millrace.metadata.proto.TopicConfigured;
import io.millrace.metadata.proto.TopicCreated;
import io.millrace.metadata.proto.TopicDeleted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The codec of entries: the message LogEntry of log.proto, compressed with zstd. */
public final class EntryCodec {

    /** Limit of a request to etcd. */
    public static final int MAX_ENTRY_BYTES = 1 << 20;

    /** Limit of an entry before compression, when the entry is made and when it is read. */
    static final int MAX_PLAIN_BYTES = 16 << 20;

    private static final int COMPRESSION_LEVEL = 1;

    private EntryCodec() {}

    /**
     * Encodes an entry.
     *
     * @throws EntryTooLargeException above {@link #MAX_ENTRY_BYTES}, or above {@link
     *     #MAX_PLAIN_BYTES} before compression
     */
    public static byte[] encode(Entry entry) {
        LogEntry message = toMessage(entry);
        requireAtMost(MAX_PLAIN_BYTES, message.getSerializedSize(), entry);
        byte[] bytes = Zstd.compress(message.toByteArray(), COMPRESSION_LEVEL);
        requireAtMost(MAX_ENTRY_BYTES, bytes.length, entry);
        return bytes;
    }

    private static void requireAtMost(int maxBytes, int bytes, Entry entry) {
        // A size above 2 GiB overflows.
        if (bytes < 0 || bytes > maxBytes) {
            throw new EntryTooLargeException(
                    "entry %d of %d commands has %d bytes, the limit is %d"
                            .formatted(entry.sequence(), entry.commands().size(), bytes, maxBytes));
        }
    }

    /** Thrown when commands do not fit into one entry. */
    public static final class EntryTooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EntryTooLargeException(String message) {
            super(message);
        }
    }

    private static LogEntry toMessage(Entry entry) {
        LogEntry.Builder out =
                LogEntry.newBuilder()
                        .setIncarnation(entry.incarnation())
                        .setSequence(entry.sequence())
                        .setRestores(entry.generation() - 1);
        for (Command command : entry.commands()) {
            out.addCommands(encode(command));
        }
        return out.build();
    }

    private static LogCommand.Builder encode(Command command) {
        LogCommand.Builder out = LogCommand.newBuilder();
        return switch (command) {
            case Command.BlockCommitted block -> out.setBlockCommitted(BlockCodec.encode(block));
            case Command.TopicCreated created -> {
                TopicCreated.Builder topic =
                        TopicCreated.newBuilder()
                                .setName(created.name())
                                .setPartitionCount(created.partitionCount());
                new TreeMap<>(created.config())
                        .forEach((key, value) -> topic.addConfigKey(key).addConfigValue(value));
                yield out.setTopicCreated(topic);
            }
            case Command.TopicDeleted deleted ->
                    out.setTopicDeleted(TopicDeleted.newBuilder().setTopicId(deleted.topicId()));
            case Command.PartitionsAdded added ->
                    out.setPartitionsAdded(
                            PartitionsAdded.newBuilder()
                                    .setTopicId(added.topicId())
                                    .setPartitionCount(added.partitionCount()));
            case Command.TopicConfigured configured -> {
                TopicConfigured.Builder topic =
                        TopicConfigured.newBuilder().setTopicId(configured.topicId());
                new TreeMap<>(configured.set())
                        .forEach((key, value) -> topic.addSetKey(key).addSetValue(value));
                new TreeSet<>(configured.reset()).forEach(topic::addResetKey);
                yield out.setTopicConfigured(topic);
            }
            case Command.LogStartAdvanced advanced -> {
                LogStartAdvanced.Builder starts =
                        LogStartAdvanced.newBuilder().setTopicId(advanced.topicId());
                int next = 0;
                for (LogStart start : advanced.starts()) {
                    starts.addPartition(start.partition() - next).addOffset(start.offset());
                    next = start.partition() + 1;
                }
                yield out.setLogStartAdvanced(starts);
            }
            case Command.KeysCompacted compacted -> {
                KeysCompacted.Builder rows =
                        KeysCompacted.newBuilder().setTopicId(compacted.topicId());
                int next = 0;
                for (CleanedTo row : compacted.rows()) {
                    rows.addPartition(row.partition() - next).addOffset(row.offset());
                    next = row.partition() + 1;
                }
                yield out.setKeysCompacted(rows);
            }
            case Command.ObjectsForgotten forgotten ->
                    out.setObjectsForgotten(
                            ObjectsForgotten.newBuilder().setEntry(forgotten.entry()));
            case Command.ExtentsReplaced replaced ->
                    out.setExtentsReplaced(ObjectsCodec.encode(replaced));
            case Command.ObjectsCondemned condemned ->
                    out.setObjectsCondemned(ObjectsCodec.encode(condemned));
            case Command.ExtentsOffloaded offloaded ->
                    out.setExtentsOffloaded(OffloadCodec.encode(offloaded));
            case Command.ExtentsReloaded reloaded ->
                    out.setExtentsReloaded(OffloadCodec.encode(reloaded));
            case Command.ProducerIdsAllocated ids ->
                    out.setProducerIdsAllocated(
                            ProducerIdsAllocated.newBuilder()
                                    .setCount(ids.count())
                                    .setGeneration(ids.generation()));
            case Command.ProducersExpired expired ->
                    out.setProducersExpired(
                            ProducersExpired.newBuilder()
                                    .setUnchangedSince(expired.unchangedSince()));
            case Command.ProducerCapacityRaised raised ->
                    out.setProducerCapacityRaised(
                            ProducerCapacityRaised.newBuilder().setPairs(raised.pairs()));
            case Command.IncarnationClosed closed ->
                    out.setIncarnationClosed(
                            IncarnationClosed.newBuilder().setIncarnation(closed.incarnation()));
            case Command.FeatureLevelRaised raised ->
                    out.setFeatureLevelRaised(
                            FeatureLevelRaised.newBuilder().setLevel(raised.level()));
            case Command.GroupClaimed claimed ->
                    out.setGroupClaimed(
                            GroupClaimed.newBuilder()
                                    .setGroup(claimed.group())
                                    .setCoordinator(claimed.coordinator())
                                    .setClaimEpoch(claimed.claimEpoch()));
            case Command.GroupReleased released ->
                    out.setGroupReleased(
                            GroupReleased.newBuilder()
                                    .setGroup(released.group())
                                    .setClaimEpoch(released.claimEpoch()));
            case Command.GroupChanged changed -> out.setGroupChanged(GroupCodec.encode(changed));
            case Command.OffsetsCommitted commit ->
                    out.setOffsetsCommitted(GroupCodec.encode(commit));
            case Command.GroupDeleted deleted ->
                    out.setGroupDeleted(GroupDeleted.newBuilder().setGroup(deleted.group()));
            case Command.OffsetsDeleted deleted ->
                    out.setOffsetsDeleted(GroupCodec.encode(deleted));
            case Command.MembersRemoved removed ->
                    out.setMembersRemoved(
                            MembersRemoved.newBuilder()
                                    .setGroup(removed.group())
                                    .addAllMember(removed.members()));
            case Command.GroupsExpired expired ->
                    out.setGroupsExpired(
                            GroupsExpired.newBuilder().setUnchangedSince(expired.unchangedSince()));
            case Command.AclsChanged changed -> out.setAclsChanged(SecurityCodec.encode(changed));
            case Command.QuotasChanged changed ->
                    out.setQuotasChanged(SecurityCodec.encode(changed));
            case Command.ScramCredentialsChanged changed ->
                    out.setScramCredentialsChanged(SecurityCodec.encode(changed));
            case Command.NodeNumbered numbered ->
                    out.setNodeNumbered(NodeNumbered.newBuilder().setNode(numbered.node()));
        };
    }

    /**
     * Decodes an entry.
     *
     * @throws CorruptMetadataException if the bytes are not an entry
     * @throws UnsupportedEntryException if a command is unknown
     */
    public static Entry decode(byte[] bytes) {
        try {
            long plainBytes = Zstd.getFrameContentSize(bytes);
            if (plainBytes <= 0 || plainBytes > MAX_PLAIN_BYTES) {
                throw new CorruptMetadataException(
                        "a log entry is not a zstd frame of at most %d bytes"
                                .formatted(MAX_PLAIN_BYTES));
            }
            LogEntry entry = LogEntry.parseFrom(Zstd.decompress(bytes, (int) plainBytes));
            List<Command> commands = new ArrayList<>(entry.getCommandsCount());
            for (LogCommand command : entry.getCommandsList()) {
                commands.add(decode(command));
            }
            return new Entry(
                    entry.getIncarnation(), entry.getSequence(), entry.getRestores() + 1, commands);
        } catch (ZstdException
                | InvalidProtocolBufferException
                | IllegalArgumentException
                | IndexOutOfBoundsException e) {
            throw new CorruptMetadataException(
                    "a log entry cannot be decoded: " + e.getMessage(), e);
        }
    }

    private static Command decode(LogCommand command) {
        return switch (command.getCommandCase()) {
            case BLOCK_COMMITTED -> BlockCodec.decode(command.getBlockCommitted());
            case TOPIC_CREATED -> {
                TopicCreated topic = command.getTopicCreated();
                yield new Command.TopicCreated(
                        topic.getName(),
                        topic.getPartitionCount(),
                        config(topic.getConfigKeyList(), topic.getConfigValueList()));
            }
            case TOPIC_CONFIGURED -> {
                TopicConfigured topic = command.getTopicConfigured();
                yield new Command.TopicConfigured(
                        topic.getTopicId(),
                        config(topic.getSetKeyList(), topic.getSetValueList()),
                        new TreeSet<>(topic.getResetKeyList()));
            }
            case TOPIC_DELETED -> new Command.TopicDeleted(command.getTopicDeleted().getTopicId());
            case PARTITIONS_ADDED ->
                    new Command.PartitionsAdded(
                            command.getPartitionsAdded().getTopicId(),
                            command.getPartitionsAdded().getPartitionCount());
            case LOG_START_ADVANCED -> {
                LogStartAdvanced advanced = command.getLogStartAdvanced();
                List<LogStart> starts = new ArrayList<>(advanced.getPartitionCount());
                int next = 0;
                for (int i = 0; i < advanced.getPartitionCount(); i++) {
                    int partition = next + advanced.getPartition(i);
                    starts.add(new LogStart(partition, advanced.getOffset(i)));
                    next = partition + 1;
                }
                yield new Command.LogStartAdvanced(advanced.getTopicId(), starts);
            }
            case KEYS_COMPACTED -> {
                KeysCompacted compacted = command.getKeysCompacted();
                List<CleanedTo> rows = new ArrayList<>(compacted.getPartitionCount());
                int next = 0;
                for (int i = 0; i < compacted.getPartitionCount(); i++) {
                    int partition = next + compacted.getPartition(i);
                    rows.add(new CleanedTo(partition, compacted.getOffset(i)));
                    next = partition + 1;
                }
                yield new Command.KeysCompacted(compacted.getTopicId(), rows);
            }
            case OBJECTS_FORGOTTEN ->
                    new Command.ObjectsForgotten(command.getObjectsForgotten().getEntry());
            case EXTENTS_REPLACED -> ObjectsCodec.decode(command.getExtentsReplaced());
            case OBJECTS_CONDEMNED -> ObjectsCodec.decode(command.getObjectsCondemned());
            case EXTENTS_OFFLOADED -> OffloadCodec.decode(command.getExtentsOffloaded());
            case EXTENTS_RELOADED -> OffloadCodec.decode(command.getExtentsReloaded());
            case PRODUCER_IDS_ALLOCATED ->
                    new Command.ProducerIdsAllocated(
                            command.getProducerIdsAllocated().getCount(),
                            command.getProducerIdsAllocated().getGeneration());
            case PRODUCERS_EXPIRED ->
                    new Command.ProducersExpired(command.getProducersExpired().getUnchangedSince());
            case PRODUCER_CAPACITY_RAISED ->
                    new Command.ProducerCapacityRaised(
                            command.getProducerCapacityRaised().getPairs());
            case INCARNATION_CLOSED ->
                    new Command.IncarnationClosed(command.getIncarnationClosed().getIncarnation());
            case FEATURE_LEVEL_RAISED ->
                    new Command.FeatureLevelRaised(command.getFeatureLevelRaised().getLevel());
            case GROUP_CLAIMED ->
                    new Command.GroupClaimed(
                            command.getGroupClaimed().getGroup(),
                            command.getGroupClaimed().getCoordinator(),
                            command.getGroupClaimed().getClaimEpoch());
            case GROUP_RELEASED ->
                    new Command.GroupReleased(
                            command.getGroupReleased().getGroup(),
                            command.getGroupReleased().getClaimEpoch());
            case GROUP_CHANGED -> GroupCodec.decode(command.getGroupChanged());
            case OFFSETS_COMMITTED -> GroupCodec.decode(command.getOffsetsCommitted());
            case GROUP_DELETED -> new Command.GroupDeleted(command.getGroupDeleted().getGroup());
            case OFFSETS_DELETED -> GroupCodec.decode(command.getOffsetsDeleted());
            case MEMBERS_REMOVED ->
                    new Command.MembersRemoved(
                            command.getMembersRemoved().getGroup(),
                            command.getMembersRemoved().getMemberList());
            case GROUPS_EXPIRED ->
                    new Command.GroupsExpired(command.getGroupsExpired().getUnchangedSince());
            case ACLS_CHANGED -> SecurityCodec.decode(command.getAclsChanged());
            case QUOTAS_CHANGED -> SecurityCodec.decode(command.getQuotasChanged());
            case SCRAM_CREDENTIALS_CHANGED ->
                    SecurityCodec.decode(command.getScramCredentialsChanged());
            case NODE_NUMBERED -> new Command.NodeNumbered(command.getNodeNumbered().getNode());
            case COMMAND_NOT_SET ->
                    throw new UnsupportedEntryException(
                            "The metadata log contains a command of a newer version of Millrace:"
                                    + " start the node with that version.");
        };
    }

    private static Map<String, String> config(List<String> keys, List<String> values) {
        Map<String, String> config = new TreeMap<>();
        for (int i = 0; i < keys.size(); i++) {
            config.put(keys.get(i), values.get(i));
        }
        return config;
    }
}
