/** The metadata log of a cluster: recent entries in etcd, older entries in objects. */
@NullMarked
package io.millrace.metadata.log.etcd;

import org.jspecify.annotations.NullMarked;
