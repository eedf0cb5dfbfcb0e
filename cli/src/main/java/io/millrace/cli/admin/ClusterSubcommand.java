package io.millrace.cli.admin;

/** A picocli command that the server adds to {@code millrace cluster}. */
public interface ClusterSubcommand {}
