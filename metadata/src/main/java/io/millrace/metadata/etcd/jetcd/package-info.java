/**
 * A client of etcd that uses the messages and stubs of jetcd, but not jetcd's client, which retries
 * calls and resumes watches on its own.
 */
@NullMarked
package io.millrace.metadata.etcd.jetcd;

import org.jspecify.annotations.NullMarked;
