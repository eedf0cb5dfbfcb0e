package io.millrace.metadata.state.partition;

/** The tables that all partitions share. */
record PartitionTables(
        ObjectTable objects, UnreachableRanges unreachable, PartitionCopier copier) {}
