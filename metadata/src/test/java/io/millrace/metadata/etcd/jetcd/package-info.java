@NullMarked
package io.millrace.metadata.etcd.jetcd;

import org.jspecify.annotations.NullMarked;
