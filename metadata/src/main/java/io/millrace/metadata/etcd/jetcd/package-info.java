/**
 * A client of etcd on jetcd's messages and stubs, without jetcd's client, which retries calls and
 * resumes watches.
 */
@NullMarked
package io.millrace.metadata.etcd.jetcd;

import org.jspecify.annotations.NullMarked;
