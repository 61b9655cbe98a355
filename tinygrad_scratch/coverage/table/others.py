"""Functions of NumPy that have nothing to do with derivatives."""

from ..entry import Entry

ENTRIES: dict[str, Entry] = {}

REASONS = {
    "about dtypes": "isdtype issubdtype min_scalar_type mintypecode promote_types typename",
    "makes text for people": (
        "array2string array_repr array_str base_repr binary_repr format_float_positional format_float_scientific info"
    ),
    "a setting, or a question about NumPy": (
        "get_include get_printoptions getbufsize geterr geterrcall printoptions set_printoptions setbufsize seterr "
        "seterrcall show_config show_runtime test linalg.test fft.test"
    ),
    "reads or writes files, buffers and text": (
        "from_dlpack frombuffer fromfile fromregex fromstring genfromtxt load loadtxt save savetxt savez "
        "savez_compressed"
    ),
    "about dates": "busday_count busday_offset datetime_as_string datetime_data is_busday",
    "about the bits of integers": "packbits unpackbits",
    "calls Python for each object, or walks through memory": "frompyfunc nested_iters",
}

WITHOUT: dict[str, str] = {f"numpy.{name}": why for why, names in REASONS.items() for name in names.split()}
