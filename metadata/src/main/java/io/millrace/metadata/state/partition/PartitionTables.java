package io.millrace.metadata.state.partition;

import java.util.function.IntSupplier;

/**
 * The tables that all partitions share.
 *
 * @param generation the generation of the cluster
 */
record PartitionTables(
        ObjectTable objects,
        UnreachableRanges unreachable,
        PartitionCopier copier,
        IntSupplier generation) {}
