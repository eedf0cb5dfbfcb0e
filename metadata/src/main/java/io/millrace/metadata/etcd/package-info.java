/** The port to etcd. */
@NullMarked
package io.millrace.metadata.etcd;

import org.jspecify.annotations.NullMarked;
