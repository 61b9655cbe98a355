"""scipy.special: its ufuncs, called on Tensors, and what SciPy writes in Python, under `tg.scipy.special`."""

from typing import Any

from hypothesis import strategies as st

from ...testing.strategies import arrays, away_from_zero, between, broadcastable, chosen
from ..entry import Call, Entry, calls

ANY, POSITIVE, UNIT, SIGNED = between(-2, 2), between(0.3, 3), between(0.05, 0.95), away_from_zero()
INNER = between(-0.9, 0.9)
MODULUS = chosen(-1.5, -0.03, 0.0, 0.02, 0.4)
ORDER, DEGREE = [0, 1, 2, -0.5, 1.3], [0, 1, 2, 3, 4]

AXES = st.sampled_from([None, 0, -1, (0, 2)])


@st.composite
def _drawn(draw: Any, *args: Any) -> Call:
    """A domain is an array of floats, which broadcasts with the others; a list is the constants to choose from."""
    case = draw(broadcastable(*[a for a in args if callable(a)]))
    floats = iter(case.args)
    return Call(tuple([next(floats) if callable(a) else draw(st.sampled_from(a)) for a in args]))


REAL: dict[str, tuple[Any, ...]] = {
    # elementary
    "exp2": (ANY,), "cbrt": (SIGNED,), "exp10": (ANY,), "exprel": (ANY,), "cosm1": (ANY,), "logit": (UNIT,),
    "round": (chosen(-1.6, -0.7, 0.3, 1.2, 2.4),),
    "expit": (between(-20, 20),), "log_expit": (between(-20, 20),), "softplus": (between(-20, 20),),
    "entr": (POSITIVE,), "rel_entr": (POSITIVE, POSITIVE), "kl_div": (POSITIVE, POSITIVE), "powm1": (POSITIVE, ANY),
    "radian": (ANY, POSITIVE, POSITIVE),
    "sindg": (between(-200, 200),), "cosdg": (between(-200, 200),), "tandg": (between(-80, 80),),
    "cotdg": (between(10, 170),), "huber": (between(1, 2), chosen(-3.1, -2.2, -0.9, 0.4, 2.3)),
    "pseudo_huber": (POSITIVE, ANY), "boxcox": (POSITIVE, ANY), "boxcox1p": (between(-0.7, 3), ANY),
    "inv_boxcox": (INNER, between(-1, 1)), "inv_boxcox1p": (INNER, between(-1, 1)),
    "tklmbda": (INNER, [0.5, 1, -0.4, 0]),
    # gamma
    "gammaln": (POSITIVE,), "gammasgn": (SIGNED,), "poch": (POSITIVE, POSITIVE), "beta": (POSITIVE, POSITIVE),
    "betaln": (POSITIVE, POSITIVE), "binom": (between(2.5, 4), POSITIVE),
    "gammainc": ([0.5, 1, 2.3, 30.0], POSITIVE), "gammaincc": ([0.5, 1, 2.3, 30.0], POSITIVE),
    "gammaincinv": ([0.5, 1, 2.3], UNIT), "gammainccinv": ([0.5, 1, 2.3], UNIT),
    "betainc": ([0.5, 2, 3.5], [0.7, 1, 4], UNIT), "betaincc": ([0.5, 2, 3.5], [0.7, 1, 4], UNIT),
    "betaincinv": ([0.5, 2, 3.5], [0.7, 1, 4], UNIT), "betainccinv": ([0.5, 2, 3.5], [0.7, 1, 4], UNIT),
    # errors
    "erfinv": (INNER,), "erfcinv": (between(0.1, 1.9),), "ndtri": (UNIT,), "ndtri_exp": (between(-9, -0.1),),
    "owens_t": (ANY, ANY), "voigt_profile": (ANY, POSITIVE, POSITIVE),
    # bessel
    "j0": (between(-9, 9),), "j1": (between(-9, 9),), "y0": (POSITIVE,), "y1": (POSITIVE,), "i0": (ANY,), "i1": (ANY,),
    "k0": (POSITIVE,), "k1": (POSITIVE,), "i0e": (SIGNED,), "i1e": (SIGNED,), "k0e": (POSITIVE,), "k1e": (POSITIVE,),
    "jn": (DEGREE, POSITIVE), "yn": (DEGREE, POSITIVE), "kn": (DEGREE, POSITIVE), "jve": (ORDER, POSITIVE),
    "yve": (ORDER, POSITIVE), "ive": (ORDER, POSITIVE), "struve": (ORDER, POSITIVE), "modstruve": (ORDER, POSITIVE),
    "ber": (POSITIVE,), "bei": (POSITIVE,), "berp": (POSITIVE,), "beip": (POSITIVE,), "ker": (POSITIVE,),
    "kei": (POSITIVE,), "kerp": (POSITIVE,), "keip": (POSITIVE,), "kelvin": (POSITIVE,), "airye": (POSITIVE,),
    "pbdv": (ORDER, ANY), "pbvv": (ORDER, ANY), "pbwa": (ORDER, ANY), "besselpoly": (POSITIVE, [0, 1, 2.5], [0, 1, 2]),
    # integrals
    "expn": (DEGREE, POSITIVE), "iti0k0": (POSITIVE,), "itj0y0": (POSITIVE,), "it2i0k0": (POSITIVE,),
    "it2j0y0": (POSITIVE,), "itstruve0": (POSITIVE,), "it2struve0": (POSITIVE,), "itmodstruve0": (POSITIVE,),
    # elliptic
    "ellipk": (between(-2, 0.9),), "ellipe": (between(-2, 0.9),), "ellipkm1": (between(0.1, 3),),
    "ellipkinc": (ANY, MODULUS), "ellipeinc": (ANY, MODULUS),
    "ellipj": (ANY, chosen(0.02, 0.4, 0.7)),
    "agm": (POSITIVE, POSITIVE),
    # hypergeometric
    "hyperu": ([0.5, 1, 2], [0.3, 1, 1.5], POSITIVE), "wright_bessel": ([0.5, 1], [0.7, 2], POSITIVE),
    "log_wright_bessel": ([0.5, 1], [0.7, 2], POSITIVE),
    # polynomials
    "eval_hermite": (DEGREE, ANY), "eval_hermitenorm": (DEGREE, ANY), "lpmv": ([0, 1, 2], [0, 1, 2, 3], INNER),
    # distributions
    "bdtr": ([0, 1, 3], [4], UNIT), "bdtrc": ([0, 1, 3], [4], UNIT), "bdtri": ([0, 1, 3], [4], UNIT),
    "nbdtr": ([0, 1, 3], [4], UNIT), "nbdtrc": ([0, 1, 3], [4], UNIT), "nbdtri": ([0, 1, 3], [4], UNIT),
    "pdtr": ([0, 1, 3], POSITIVE), "pdtrc": ([0, 1, 3], POSITIVE), "pdtri": ([0, 1, 3], UNIT),
    "chdtr": ([1, 2.5, 7], POSITIVE), "chdtrc": ([1, 2.5, 7], POSITIVE), "chdtri": ([1, 2.5, 7], UNIT),
    "fdtr": ([1, 2.5], [3, 4.5], POSITIVE),
    "fdtrc": ([1, 2.5], [3, 4.5], POSITIVE), "fdtri": ([1, 2.5], [3, 4.5], UNIT),
    "stdtr": ([1, 2.5, 30], ANY), "stdtrit": ([1, 2.5, 30], UNIT), "gdtr": (POSITIVE, [0.5, 1, 2.3], POSITIVE),
    "gdtrc": (POSITIVE, [0.5, 1, 2.3], POSITIVE), "gdtrix": (POSITIVE, [0.5, 1, 2.3], UNIT),
    "gdtria": (UNIT, [0.5, 1, 2.3], POSITIVE), "nrdtrimn": (UNIT, POSITIVE, ANY),
    "nrdtrisd": (ANY, between(0.6, 0.9), ANY),
    "digamma": (SIGNED,), "zeta": ([2, 2.5, 4], POSITIVE),
}  # fmt: skip
COMPLEX: dict[str, tuple[Any, ...]] = {
    "expm1": (ANY,), "log1p": (between(-0.7, 3),), "xlogy": (SIGNED, POSITIVE), "xlog1py": (SIGNED, between(-0.7, 3)),
    "erf": (ANY,), "erfc": (ANY,), "erfcx": (ANY,), "erfi": (between(-1, 1),), "dawsn": (ANY,), "ndtr": (ANY,),
    "log_ndtr": (between(-9, 3),), "jv": (ORDER, POSITIVE), "yv": (ORDER, POSITIVE), "iv": (ORDER, POSITIVE),
    "kv": (ORDER, POSITIVE), "kve": (ORDER, POSITIVE),
    "jvp": (ORDER, POSITIVE, [1, 2]), "yvp": (ORDER, POSITIVE, [1, 2]), "ivp": (ORDER, POSITIVE, [1, 2]),
    "kvp": (ORDER, POSITIVE, [1, 2]), "hankel1": (ORDER, POSITIVE), "hankel2": (ORDER, POSITIVE),
    "hankel1e": (ORDER, POSITIVE), "hankel2e": (ORDER, POSITIVE), "h1vp": (ORDER, POSITIVE, [1, 2]),
    "h2vp": (ORDER, POSITIVE, [1, 2]), "wofz": (ANY,), "sinc": (ANY,), "lambertw": (POSITIVE, [0, -1, 2], [1e-8]),
    "airy": (ANY,), "exp1": (POSITIVE,), "expi": (POSITIVE,),
    "sici": (POSITIVE,), "shichi": (POSITIVE,), "fresnel": (ANY,), "spence": (POSITIVE,), "wrightomega": (ANY,),
    "hyp0f1": ([0.7, 2], POSITIVE), "hyp1f1": ([0.5, -2, 1.5], [0.7, 2], ANY),
    "hyp2f1": ([0.5, -2, 1.5], [0.7, 2], [1.2, 3], between(-2, 0.7)),
    "eval_jacobi": (DEGREE, [0.5, 1], [0.5, 2], INNER), "eval_legendre": (DEGREE, INNER),
    "eval_gegenbauer": (DEGREE, [0.5, 2], INNER), "eval_chebyt": (DEGREE, INNER), "eval_chebyu": (DEGREE, INNER),
    "eval_chebyc": (DEGREE, INNER), "eval_chebys": (DEGREE, INNER), "eval_sh_legendre": (DEGREE, UNIT),
    "eval_sh_chebyt": (DEGREE, UNIT), "eval_sh_chebyu": (DEGREE, UNIT),
    "eval_sh_jacobi": (DEGREE, [2, 2.5], [1, 1.5], UNIT),
    "eval_laguerre": (DEGREE, POSITIVE), "assoc_laguerre": (POSITIVE, DEGREE, [0, 1.5]),
    "eval_genlaguerre": (DEGREE, [0.5, 1], POSITIVE),
}  # fmt: skip
FIRST_ORDER: dict[str, tuple[Any, ...]] = {
    "gamma": (SIGNED,), "loggamma": (POSITIVE,), "rgamma": (ANY,), "psi": (SIGNED,),
}  # fmt: skip

IS_REAL = "SciPy has it of real arguments only"
OUR_COMPLEX = {"complex": "of real numbers here"}
NO_TRIGAMMA = "SciPy has no polygamma of complex arguments, so there is no second order"


def _entries(functions: dict[str, tuple[Any, ...]], why: str) -> dict[str, Entry]:
    without = {"complex": why} if why else {}
    return {f"scipy.special.{name}": Entry(_drawn(*args), without=without) for name, args in functions.items()}


FUNCTIONS = {**REAL, **COMPLEX, **FIRST_ORDER}
# not reached by a protocol: under tg.scipy
SPHERICAL: dict[str, tuple[Any, ...]] = {
    "spherical_jn": (DEGREE, SIGNED), "spherical_yn": (DEGREE, SIGNED),
    "spherical_in": (DEGREE, SIGNED), "spherical_kn": (DEGREE, POSITIVE),
}  # fmt: skip
OURS: dict[str, Any] = {
    **{name: _drawn(*args) for name, args in SPHERICAL.items()},
    "polygamma": _drawn([0, 1, 2], SIGNED),
    "multigammaln": _drawn(between(1.2, 3), [1, 2, 3]),
    "comb": calls(arrays((2, 3), between(3.5, 5)), arrays((3,), POSITIVE), repetition=st.booleans()),
    "perm": _drawn(between(3.5, 5), POSITIVE),
    "factorial": calls(arrays((2, 3), POSITIVE)),
    "softmax": calls(arrays((2, 3, 2), ANY), axis=AXES),
    "log_softmax": calls(arrays((2, 3, 2), ANY), axis=AXES),
    "logsumexp": calls(
        arrays((2, 3, 2), ANY),
        axis=AXES,
        b=st.one_of(st.none(), arrays((3, 1), POSITIVE)),
        keepdims=st.booleans(),
        return_sign=st.booleans(),
    ),
}

ENTRIES = {
    "numpy.i0": Entry(_drawn(between(-9, 9)), without={"complex": "NumPy has it of real arguments only"}),
    **_entries(REAL, IS_REAL),
    **_entries(COMPLEX, ""),
    **_entries(FIRST_ORDER, NO_TRIGAMMA),
    **{
        f"tinygrad_scratch.scipy.special.{name}": Entry(drawn, reference=f"scipy.special.{name}", without=OUR_COMPLEX)
        for name, drawn in OURS.items()
    },
}

_ABSENT = {
    "SciPy has no closed form of its derivative": """
        bdtrik bdtrin btdtria btdtrib chdtriv chndtr chndtridf chndtrinc chndtrix elliprc elliprd elliprf
        elliprg elliprj fdtridfd gdtrib kolmogi kolmogorov nbdtrik nbdtrin ncfdtr ncfdtri ncfdtridfd
        ncfdtridfn ncfdtrinc nctdtr nctdtridf nctdtrinc nctdtrit pdtrik smirnov smirnovi stdtridf zetac
        ellip_harm ellip_harm_2 ellip_normal""",
    "SciPy has too few digits of it for a derivative that is checked": "itairy",
    "of Mathieu's and the spheroidal equation: no rule yet": """
        mathieu_a mathieu_b mathieu_cem mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 mathieu_modsem2
        mathieu_sem mathieu_even_coef mathieu_odd_coef obl_ang1 obl_ang1_cv obl_cv obl_cv_seq obl_rad1
        obl_rad1_cv obl_rad2 obl_rad2_cv pro_ang1 pro_ang1_cv pro_cv pro_cv_seq pro_rad1 pro_rad1_cv pro_rad2
        pro_rad2_cv""",
    "of Fresnel's modified integrals: no rule yet": "modfresnelm modfresnelp",
    "SciPy computes it in Python, as arrays of several orders or with its own dispatch: no rule yet": """
        diric lmbda lqmn lqn pbdn_seq pbdv_seq pbvv_seq riccati_jn riccati_yn assoc_legendre_p
        assoc_legendre_p_all legendre_p legendre_p_all sph_harm_y sph_harm_y_all sph_legendre_p
        sph_legendre_p_all""",
    "a function of whole numbers": "bernoulli euler factorial2 factorialk stirling2",
    "zeros, by their number": """
        ai_zeros bei_zeros beip_zeros ber_zeros berp_zeros bi_zeros erf_zeros fresnel_zeros fresnelc_zeros
        fresnels_zeros jn_zeros jnjnp_zeros jnp_zeros jnyn_zeros kei_zeros keip_zeros kelvin_zeros ker_zeros
        kerp_zeros y0_zeros y1_zeros y1p_zeros yn_zeros ynp_zeros""",
    "a polynomial or a quadrature of a degree; its values are those of eval_...": """
        legendre chebyt chebyu chebyc chebys jacobi laguerre genlaguerre hermite hermitenorm gegenbauer
        sh_legendre sh_chebyt sh_chebyu sh_jacobi roots_legendre roots_chebyt roots_chebyu roots_chebyc
        roots_chebys roots_jacobi roots_laguerre roots_genlaguerre roots_hermite roots_hermitenorm
        roots_gegenbauer roots_sh_legendre roots_sh_chebyt roots_sh_chebyu roots_sh_jacobi p_roots t_roots
        u_roots c_roots s_roots j_roots l_roots la_roots h_roots he_roots cg_roots ps_roots ts_roots us_roots
        js_roots""",
    "how SciPy reports errors": "geterr seterr errstate SpecialFunctionWarning SpecialFunctionError",
}
WITHOUT = {f"scipy.special.{name}": why for why, names in _ABSENT.items() for name in names.split()}
