/** The metadata log of a cluster: etcd for the present, objects for the past. */
@NullMarked
package io.millrace.metadata.log.etcd;

import org.jspecify.annotations.NullMarked;
