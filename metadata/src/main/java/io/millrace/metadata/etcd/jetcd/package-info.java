/**
 * The client of a real etcd: its gRPC interface by the messages and stubs of jetcd, without jetcd's
 * own client, which repeats calls and resumes watches by itself.
 */
@NullMarked
package io.millrace.metadata.etcd.jetcd;

import org.jspecify.annotations.NullMarked;
