/** What Millrace needs of etcd, and its client. */
@NullMarked
package io.millrace.metadata.etcd;

import org.jspecify.annotations.NullMarked;
