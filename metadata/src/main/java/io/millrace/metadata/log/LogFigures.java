package io.millrace.metadata.log;

/**
 * What a log can say of itself.
 *
 * @param liveBytes of the entries that are in no archive yet
 * @param seals epochs sealed since it was opened
 * @param archives kept in the bucket
 */
public record LogFigures(long liveBytes, long seals, int archives) {}
