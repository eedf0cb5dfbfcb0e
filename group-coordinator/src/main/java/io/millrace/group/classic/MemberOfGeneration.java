package io.millrace.group.classic;

/**
 * A member as a request names it.
 *
 * @param instanceId empty if there is none
 */
public record MemberOfGeneration(String memberId, String instanceId, int generation) {}
