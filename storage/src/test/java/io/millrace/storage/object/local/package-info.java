@NullMarked
package io.millrace.storage.object.local;

import org.jspecify.annotations.NullMarked;
