@NullMarked
package io.millrace.metadata.log.etcd;

import org.jspecify.annotations.NullMarked;
