package io.millrace.metadata.replica;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.metadata.state.MetadataState.Sizes;
import io.millrace.metadata.state.security.AclTable;
import io.millrace.metadata.state.security.QuotaTable;
import io.millrace.metadata.state.security.ScramTable;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The bound on the metadata's size: the share of the heap that the smallest node has for them.
 * Every node holds all metadata, and one without room ends. Checked before a command is proposed,
 * so that nodes with different views of the membership still apply alike. Pure.
 */
public final class MetadataShare {

    private static final int MIB = 1 << 20;

    private MetadataShare() {}

    /** Returns the share of a heap, in bytes: caches and blocks take the rest. */
    public static long ofHeap(long maxHeapBytes) {
        return maxHeapBytes / 4;
    }

    /** Returns the share of the smallest node, this node included. */
    static long smallest(long ownBytes, List<RegisteredNode> nodes) {
        return nodes.stream()
                .mapToLong(RegisteredNode::metadataBytes)
                .filter(bytes -> bytes > 0)
                .reduce(ownBytes, Math::min);
    }

    /**
     * Returns how far the state has grown from the bound to one and a half times the bound, where
     * nodes run out of memory: 0 to 1, or above. Partitions are rejected at the bound; extents,
     * producers and groups can still grow.
     */
    static double fullness(long stateBytes, long boundBytes) {
        return Math.max(0, stateBytes - (double) boundBytes) / (boundBytes / 2.0);
    }

    /**
     * Returns the reason to reject a command that adds partitions, ACLs, quotas or credentials
     * beyond the bound; empty for all other commands, for which the suppliers are not called.
     */
    static Optional<Problem> rejection(
            Command command, LongSupplier stateBytes, LongSupplier boundBytes) {
        long addedBytes = addedBytes(command);
        if (addedBytes == 0) {
            return Optional.empty();
        }
        long neededBytes = stateBytes.getAsLong() + addedBytes;
        long bound = boundBytes.getAsLong();
        if (neededBytes <= bound) {
            return Optional.empty();
        }
        return Optional.of(
                new Problem(
                        Reason.METADATA_FULL,
                        "The metadata would take %d MiB, but the smallest node of the cluster has %d MiB of heap for them, so nothing is added: raise the heap (-Xmx) of that node, or delete topics or ACLs."
                                .formatted(neededBytes / MIB, bound / MIB)));
    }

    /** Returns the upper bound of what a command adds; 0 for commands without a bound. */
    static long addedBytes(Command command) {
        return switch (command) {
            case Command.TopicCreated created ->
                    Sizes.BYTES_PER_TOPIC + ofPartitions(created.partitionCount());
            case Command.PartitionsAdded added -> ofPartitions(added.partitionCount());
            case Command.AclsChanged changed -> AclTable.sizeBytes(changed.added());
            case Command.QuotasChanged changed -> QuotaTable.sizeBytes(changed.set());
            case Command.ScramCredentialsChanged changed -> ScramTable.sizeBytes(changed.set());
            default -> 0;
        };
    }

    private static long ofPartitions(int count) {
        return (long) count * Sizes.BYTES_PER_PARTITION;
    }
}
