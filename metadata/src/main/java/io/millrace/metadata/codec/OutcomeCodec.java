package io.millrace.metadata.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.command.Outcome.ItemOutcome;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.proto.BlockOutcome;
import io.millrace.metadata.proto.CommandOutcome;
import io.millrace.metadata.proto.DoneOutcome;
import io.millrace.metadata.proto.EntryOutcomes;
import io.millrace.metadata.proto.GroupClaimOutcome;
import io.millrace.metadata.proto.NodeNumberOutcome;
import io.millrace.metadata.proto.ProducerIdsOutcome;
import io.millrace.metadata.proto.RejectedOutcome;
import io.millrace.metadata.proto.RowsOutcome;
import io.millrace.metadata.proto.TopicOutcome;
import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The codec of outcomes: the message EntryOutcomes of log.proto. */
public final class OutcomeCodec {

    private static final String SUPERSEDED = "SUPERSEDED";

    private OutcomeCodec() {}

    public static byte[] encode(List<Outcome> outcomes) {
        EntryOutcomes.Builder all = EntryOutcomes.newBuilder();
        for (Outcome outcome : outcomes) {
            all.addOutcomes(encode(outcome));
        }
        return all.build().toByteArray();
    }

    private static CommandOutcome.Builder encode(Outcome outcome) {
        CommandOutcome.Builder out = CommandOutcome.newBuilder();
        return switch (outcome) {
            case Outcome.Block block -> out.setBlock(encode(block));
            case Outcome.TopicReady ready -> out.setTopic(encode(ready.topic()));
            case Outcome.ProducerIds ids ->
                    out.setProducerIds(
                            ProducerIdsOutcome.newBuilder()
                                    .setFirst(ids.first())
                                    .setCount(ids.count()));
            case Outcome.GroupClaim claim ->
                    out.setGroupClaim(
                            GroupClaimOutcome.newBuilder().setClaimEpoch(claim.claimEpoch()));
            case Outcome.NodeNumber(int number) ->
                    out.setNodeNumber(NodeNumberOutcome.newBuilder().setNumber(number));
            case Outcome.Rows offsets -> out.setRows(encode(offsets));
            case Outcome.Completed done -> out.setDone(DoneOutcome.getDefaultInstance());
            case Outcome.CommandRejected rejected ->
                    out.setRejected(
                            RejectedOutcome.newBuilder()
                                    .setReason(rejected.problem().reason().name())
                                    .setMessage(rejected.problem().message()));
        };
    }

    private static TopicOutcome.Builder encode(Topic topic) {
        TopicOutcome.Builder out =
                TopicOutcome.newBuilder()
                        .setId(topic.id())
                        .setName(topic.name())
                        .setPartitionCount(topic.partitionCount());
        new TreeMap<>(topic.settings().given())
                .forEach((key, value) -> out.addConfigKey(key).addConfigValue(value));
        return out;
    }

    private static BlockOutcome.Builder encode(Outcome.Block block) {
        BlockOutcome.Builder out = BlockOutcome.newBuilder();
        for (ItemOutcome item : block.items()) {
            switch (item) {
                case ItemOutcome.Appended appended ->
                        out.addKind(0).addBaseOffset(appended.baseOffset()).addAppendTimeMs(0);
                case ItemOutcome.Duplicate duplicate ->
                        out.addKind(1)
                                .addBaseOffset(duplicate.baseOffset())
                                .addAppendTimeMs(duplicate.appendTimeMs());
                case ItemOutcome.OldDuplicate old ->
                        out.addKind(2).addBaseOffset(0).addAppendTimeMs(0);
                case ItemOutcome.Rejected rejected ->
                        out.addKind(3)
                                .addBaseOffset(0)
                                .addAppendTimeMs(0)
                                .addReason(rejected.reason().name());
            }
        }
        return out;
    }

    private static RowsOutcome.Builder encode(Outcome.Rows offsets) {
        RowsOutcome.Builder out = RowsOutcome.newBuilder();
        for (RowOutcome row : offsets.rows()) {
            out.addReason(
                    switch (row) {
                        case RowOutcome.Accepted counts -> "";
                        case RowOutcome.Superseded superseded -> SUPERSEDED;
                        case RowOutcome.Rejected rejected -> rejected.reason().name();
                    });
        }
        return out;
    }

    public static List<Outcome> decode(byte[] bytes) {
        try {
            List<Outcome> outcomes = new ArrayList<>();
            for (CommandOutcome outcome : EntryOutcomes.parseFrom(bytes).getOutcomesList()) {
                outcomes.add(decode(outcome));
            }
            return outcomes;
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new CorruptMetadataException("the outcomes in a checkpoint cannot be decoded", e);
        }
    }

    private static Outcome decode(CommandOutcome outcome) {
        return switch (outcome.getOutcomeCase()) {
            case BLOCK -> decode(outcome.getBlock());
            case TOPIC -> {
                TopicOutcome topic = outcome.getTopic();
                Map<String, String> given = new TreeMap<>();
                for (int i = 0; i < topic.getConfigKeyCount(); i++) {
                    given.put(topic.getConfigKey(i), topic.getConfigValue(i));
                }
                yield new Outcome.TopicReady(
                        new Topic(
                                topic.getId(),
                                topic.getName(),
                                topic.getPartitionCount(),
                                TopicSettings.parse(given)));
            }
            case PRODUCER_IDS ->
                    new Outcome.ProducerIds(
                            outcome.getProducerIds().getFirst(),
                            outcome.getProducerIds().getCount());
            case DONE -> new Outcome.Completed();
            case REJECTED ->
                    new Outcome.CommandRejected(
                            new Problem(
                                    Reason.valueOf(outcome.getRejected().getReason()),
                                    outcome.getRejected().getMessage()));
            case GROUP_CLAIM -> new Outcome.GroupClaim(outcome.getGroupClaim().getClaimEpoch());
            case NODE_NUMBER -> new Outcome.NodeNumber(outcome.getNodeNumber().getNumber());
            case ROWS ->
                    new Outcome.Rows(
                            outcome.getRows().getReasonList().stream()
                                    .map(OutcomeCodec::row)
                                    .toList());
            case OUTCOME_NOT_SET ->
                    throw new UnsupportedEntryException(
                            "A checkpoint contains an outcome of a newer version of Millrace: start"
                                    + " the node with that version.");
        };
    }

    private static RowOutcome row(String reason) {
        return switch (reason) {
            case "" -> new RowOutcome.Accepted();
            case SUPERSEDED -> new RowOutcome.Superseded();
            default -> new RowOutcome.Rejected(Reason.valueOf(reason));
        };
    }

    private static Outcome decode(BlockOutcome block) {
        List<ItemOutcome> items = new ArrayList<>(block.getKindCount());
        int reasons = 0;
        for (int i = 0; i < block.getKindCount(); i++) {
            items.add(
                    switch (block.getKind(i)) {
                        case 0 -> new ItemOutcome.Appended(block.getBaseOffset(i));
                        case 1 ->
                                new ItemOutcome.Duplicate(
                                        block.getBaseOffset(i), block.getAppendTimeMs(i));
                        case 2 -> new ItemOutcome.OldDuplicate();
                        default ->
                                new ItemOutcome.Rejected(
                                        Reason.valueOf(block.getReason(reasons++)));
                    });
        }
        return new Outcome.Block(items);
    }
}
